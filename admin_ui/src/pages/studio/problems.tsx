import { ChevronDown, CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { type KeyboardEvent, memo, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { sentence } from "../../studio/sentence";
import { cn } from "../../ui/cn";
import { ProblemNotice } from "../../ui/notice";
import { type Group, groupsOf } from "./faults";
import { useFolded } from "./folded";
import type { Shown } from "./routes";
import { useSteady } from "./steady";

/** What the checker says, by file, errors first; each leads to its place. Undefined: it has not said anything yet. */
export function Problems({
  bot,
  diagnostics,
  error,
  onShow,
}: {
  bot: string;
  diagnostics: Schemas["DiagnosticOut"][] | undefined;
  error: unknown;
  onShow: (more: Shown, column: number) => void;
}) {
  const { t } = useTranslation("studio");
  const groups = useMemo(() => groupsOf(diagnostics ?? []), [diagnostics]);
  const count = useCount();
  const [folded, fold] = useFolded(`problems.${bot}`);
  const list = useRef<HTMLDivElement>(null);
  const show = useSteady(onShow);
  const toggle = useSteady((file: string) =>
    fold(folded.has(file) ? [...folded].filter((each) => each !== file) : [...folded, file]),
  );
  /** Tab goes from group to group; arrows go to what is in them, and fold as in a tree. */
  const press = (event: KeyboardEvent<HTMLDivElement>) => {
    const all = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = all.indexOf(event.target as HTMLButtonElement);
    const here = all[at];
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    const heads = here.hasAttribute("aria-expanded");
    const open = here.getAttribute("aria-expanded") === "true";
    const head = all.slice(0, at).findLast((each) => each.hasAttribute("aria-expanded"));
    const next = { ArrowDown: all[at + 1], ArrowUp: all[at - 1], Home: all[0], End: all.at(-1) }[event.key];
    if (next) next.focus();
    else if (event.key === "ArrowRight" && heads) open ? all[at + 1]?.focus() : here.click();
    else if (event.key === "ArrowLeft") heads ? open && here.click() : head?.focus();
    else return;
    event.preventDefault();
  };
  return (
    <section aria-label={t("problems.title")} className="mt-auto border-t p-2 text-[13px]">
      <h2 className="flex items-baseline justify-between gap-2 px-2 py-1 text-muted-foreground text-xs">
        {t("problems.title")}
        <span className="text-right">{groups.length > 1 && count(groups)}</span>
      </h2>
      <ProblemNotice error={error} />
      {!diagnostics && !error && <p className="px-2 py-1 text-muted-foreground">{t("problems.checking")}</p>}
      {diagnostics?.length === 0 && !error && (
        <p className="flex items-center gap-2 px-2 py-1 text-muted-foreground">
          <CircleCheck aria-hidden className="size-3.5 text-success" />
          {t("problems.none")}
        </p>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it are what is focused */}
      <div ref={list} onKeyDown={press} className="max-lg:max-h-44 max-lg:overflow-y-auto">
        {groups.map((group) => (
          <OfFile
            key={group.file}
            group={group}
            folded={folded.has(group.file)}
            onFold={toggle}
            onShow={show}
          />
        ))}
      </div>
    </section>
  );
}

/** What is said of one file. */
const OfFile = memo(function OfFile({
  group,
  folded,
  onFold,
  onShow,
}: {
  group: Group;
  folded: boolean;
  onFold: (file: string) => void;
  onShow: (more: Shown, column: number) => void;
}) {
  const { t } = useTranslation("studio");
  const count = useCount();
  const { file, found } = group;
  return (
    <>
      <h3 className="sticky top-0 bg-background">
        <button
          type="button"
          aria-expanded={!folded}
          title={file}
          className="flex w-full items-start gap-1.5 rounded-md px-2 py-1 text-left hover:bg-accent pointer-coarse:py-2"
          onClick={() => onFold(file)}
        >
          <ChevronDown
            aria-hidden
            className={cn("mt-0.5 size-3.5 shrink-0 transition-transform", folded && "-rotate-90")}
          />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium">{file || t("tree.others")}</span>
            <span className="block text-muted-foreground text-xs">{count([group])}</span>
          </span>
        </button>
      </h3>
      {!folded && (
        <ul aria-label={file}>
          {found.map((one) => (
            <li key={`${one.line}:${one.column}:${one.code}:${one.pointer}`}>
              <button
                type="button"
                tabIndex={-1} // arrows lead here from its file
                className="flex w-full items-start gap-2 rounded-md py-1 pr-2 pl-7 text-left hover:bg-accent pointer-coarse:py-2"
                onClick={() => onShow({ file, line: one.line }, one.column)}
              >
                {one.severity === "error" ? (
                  <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0 text-destructive" />
                ) : (
                  <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0 text-warning" />
                )}
                <span className="min-w-0 break-words">
                  <span className="sr-only">{t(`problems.${one.severity}`)}: </span>
                  {sentence(one.message)}
                  {one.hint && (
                    <span className="block text-muted-foreground text-xs">{sentence(one.hint)}</span>
                  )}
                  <span className="block text-muted-foreground text-xs">
                    {t("problems.line", { line: one.line })} · {one.code}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
});

/** How many there are, in words. */
function useCount(): (groups: readonly Group[]) => string {
  const { t } = useTranslation("studio");
  return (groups) => {
    const errors = groups.reduce((sum, group) => sum + group.errors, 0);
    const warnings = groups.reduce((sum, group) => sum + group.found.length, -errors);
    return [
      ...(errors > 0 ? [t("problems.errors", { count: errors })] : []),
      ...(warnings > 0 ? [t("problems.warnings", { count: warnings })] : []),
    ].join(", ");
  };
}
