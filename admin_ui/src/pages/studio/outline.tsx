import { CornerDownRight, ListChevronsDownUp, ListChevronsUpDown, Trash2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Acts } from "../../studio/acts";
import type { Flow, Step } from "../../studio/flow-text";
import { without } from "../../studio/folding";
import { waysOf } from "../../studio/layout";
import { type Action, glimpse, openOf } from "../../studio/outcomes";
import type { Tongue } from "../../studio/tongue";
import { Badge, Dot } from "../../ui/badge";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { faultsOf } from "./faults";
import { useFolds } from "./folds";
import { Palette } from "./palette";

type Props = {
  /** What the browser calls the steps that are folded. */
  kept: string;
  flow: Flow;
  files: Readonly<Record<string, string>>;
  actions: Map<string, Action>;
  diagnostics: Schemas["DiagnosticOut"][];
  tongue: Tongue;
  gaps: ReadonlyMap<string, "missing" | "stale">;
  chosen: string | undefined;
  acts: Acts;
  editable: boolean;
  onChoose: (step: string | undefined) => void;
  onRemove: (ids: string[]) => void;
  /** The chosen step is folded away. */
  onLeave: () => void;
  onSimulate: (step: string) => void;
};

/** The same flow as a list: for phones, and for who hears it. */
export function Outline({
  kept,
  flow,
  files,
  actions,
  diagnostics,
  tongue,
  gaps,
  chosen,
  acts,
  editable,
  onChoose,
  onRemove,
  onLeave,
  onSimulate,
}: Props) {
  const { t } = useTranslation("studio");
  const [picks, setPicks] = useState(false);
  // Who removes a step goes on at the one that stands in its place.
  const list = useRef<HTMLOListElement>(null);
  const leaving = useRef<{ id: string; place: number }>(undefined);
  const remove = (id: string) => {
    leaving.current = { id, place: seen.findIndex((step) => step.id === id) };
    onRemove([id, ...(inside.get(id) ?? [])]);
  };
  useEffect(() => {
    const gone = leaving.current;
    if (!gone || flow.steps.some((step) => step.id === gone.id)) return;
    leaving.current = undefined;
    const items = list.current?.children;
    items?.[Math.min(gone.place, items.length - 1)]?.querySelector("button")?.focus();
  }, [flow]);
  const open = useCallback((step: Step) => openOf(step, actions.get(step.action), files), [actions, files]);
  const ways = useMemo(() => waysOf(flow, open), [flow, open]);
  const { into, inside, branches, turn, turnAll } = useFolds(
    actions.size > 0 ? kept : undefined,
    flow,
    ways,
    chosen,
    onLeave,
  );
  const seen = without(flow, into).steps;
  const heads = new Set(branches);
  const faults = faultsOf(flow, diagnostics, into);
  const gapIn = (id: string) => [id, ...(inside.get(id) ?? [])].map((each) => gaps.get(each)).find(Boolean);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-3">
      {editable && (
        <Palette
          open={picks}
          onOpenChange={setPicks}
          actions={[...actions.values()]}
          onPick={(action) => {
            const id = acts.add(action, { after: chosen }, open);
            if (id !== undefined) onChoose(id);
          }}
        />
      )}
      <ol ref={list} aria-label={t("canvas.label", { flow: flow.id })} className="mt-3 space-y-2">
        {seen.map((step) => (
          <li key={step.id} className="flex items-start gap-1">
            <button
              type="button"
              aria-current={step.id === chosen ? "true" : undefined}
              onClick={() => onChoose(step.id)}
              onKeyDown={(event) => {
                const removes = editable && (event.key === "Delete" || event.key === "Backspace");
                if (event.ctrlKey || event.metaKey || event.altKey) return;
                if (removes) remove(step.id);
                else if (event.key === "s") onSimulate(step.id);
                else if (event.key === "f") turn(step.id);
                else if (event.key === "F") turnAll();
                else return;
                event.preventDefault();
              }}
              className={cn(
                "block min-w-0 flex-1 rounded-lg border px-3 py-2 text-left text-[13px] hover:bg-accent/60",
                step.id === chosen && "border-primary bg-accent",
              )}
            >
              <span className="flex items-center gap-2">
                <span className="min-w-0 flex-1 truncate font-medium">{step.id}</span>
                {faults.has(step.id) && (
                  <>
                    <Dot tone={faults.get(step.id) === "error" ? "bad" : "warning"} />
                    <span className="sr-only">{t(`problems.${faults.get(step.id) ?? "error"}`)}</span>
                  </>
                )}
                {gapIn(step.id) && <Badge tone="warning">{t(`view.${gapIn(step.id) ?? "missing"}`)}</Badge>}
                <span className="text-muted-foreground text-xs">
                  {actions.get(step.action)?.title ?? step.action}
                </span>
              </span>
              <span className="line-clamp-2 whitespace-pre-wrap">{glimpse(step, tongue, flow.id)}</span>
              {Object.entries(step.then).map(([outcome, to]) => (
                <span key={outcome} className="block text-muted-foreground text-xs">
                  {outcome} → {to === "stop" ? t("form.stop") : to}
                </span>
              ))}
              {step.next !== undefined && (
                <span className="block text-muted-foreground text-xs">
                  → {step.next === "stop" ? t("form.stop") : step.next}
                </span>
              )}
              {inside.has(step.id) && (
                <span className="mt-1 inline-block rounded-full border bg-accent px-2 text-xs leading-5">
                  {t("canvas.more", { count: inside.get(step.id)?.length ?? 0 })}
                </span>
              )}
            </button>
            <span className="flex flex-col">
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("begin.here_named", { step: step.id })}
                title={t("begin.here_named", { step: step.id })}
                onClick={() => onSimulate(step.id)}
              >
                <CornerDownRight />
              </Button>
              {(heads.has(step.id) || inside.has(step.id)) && (
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-expanded={!inside.has(step.id)}
                  aria-label={t("canvas.fold", { step: step.id })}
                  title={t("canvas.fold", { step: step.id })}
                  onClick={() => turn(step.id)}
                >
                  {inside.has(step.id) ? <ListChevronsUpDown /> : <ListChevronsDownUp />}
                </Button>
              )}
              {editable && (
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-label={t("form.remove", { name: step.id })}
                  title={t("form.remove", { name: step.id })}
                  onClick={() => remove(step.id)}
                >
                  <Trash2 />
                </Button>
              )}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
