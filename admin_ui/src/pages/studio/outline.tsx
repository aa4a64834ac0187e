import { CornerDownRight, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Acts } from "../../studio/acts";
import type { Flow } from "../../studio/flow-text";
import { type Action, glimpse, openOf } from "../../studio/outcomes";
import type { Tongue } from "../../studio/tongue";
import { Badge, Dot } from "../../ui/badge";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { faultsOf } from "./faults";
import { Palette } from "./palette";

type Props = {
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
  onRemove: (step: string) => void;
  onSimulate: (step: string) => void;
};

/** The same flow as a list: for phones, and for who hears it. */
export function Outline({
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
  onSimulate,
}: Props) {
  const { t } = useTranslation("studio");
  const [picks, setPicks] = useState(false);
  // Who removes a step goes on at the one that stands in its place.
  const list = useRef<HTMLOListElement>(null);
  const leaving = useRef<{ id: string; place: number }>(undefined);
  const remove = (id: string) => {
    leaving.current = { id, place: flow.steps.findIndex((step) => step.id === id) };
    onRemove(id);
  };
  useEffect(() => {
    const gone = leaving.current;
    if (!gone || flow.steps.some((step) => step.id === gone.id)) return;
    leaving.current = undefined;
    list.current?.children[Math.min(gone.place, flow.steps.length - 1)]?.querySelector("button")?.focus();
  }, [flow]);
  const faults = faultsOf(flow, diagnostics);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-3">
      {editable && (
        <Palette
          open={picks}
          onOpenChange={setPicks}
          actions={[...actions.values()]}
          onPick={(action) => {
            const id = acts.add(action, { after: chosen }, (step) =>
              openOf(step, actions.get(step.action), files),
            );
            if (id !== undefined) onChoose(id);
          }}
        />
      )}
      <ol ref={list} aria-label={t("canvas.label", { flow: flow.id })} className="mt-3 space-y-2">
        {flow.steps.map((step) => (
          <li key={step.id} className="flex items-start gap-1">
            <button
              type="button"
              aria-current={step.id === chosen ? "true" : undefined}
              onClick={() => onChoose(step.id)}
              onKeyDown={(event) => {
                const removes = editable && (event.key === "Delete" || event.key === "Backspace");
                if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "s" && !removes)) return;
                event.preventDefault();
                if (removes) remove(step.id);
                else onSimulate(step.id);
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
                {gaps.has(step.id) && (
                  <Badge tone="warning">{t(`view.${gaps.get(step.id) ?? "missing"}`)}</Badge>
                )}
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
