import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { sentence } from "../../studio/sentence";
import { ProblemNotice } from "../../ui/notice";
import type { Shown } from "./routes";

/** What the checker says, errors first; each leads to its place. Undefined: it has not said anything yet. */
export function Problems({
  diagnostics,
  error,
  onShow,
}: {
  diagnostics: Schemas["DiagnosticOut"][] | undefined;
  error: unknown;
  onShow: (more: Shown) => void;
}) {
  const { t } = useTranslation("studio");
  const sorted = [...(diagnostics ?? [])].sort((one, other) => one.severity.localeCompare(other.severity));
  return (
    <section aria-label={t("problems.title")} className="mt-auto border-t p-2 text-[13px]">
      <h2 className="flex items-center justify-between px-2 py-1 text-muted-foreground text-xs">
        {t("problems.title")}
        <span>{sorted.length > 0 && sorted.length}</span>
      </h2>
      <ProblemNotice error={error} />
      {!diagnostics && !error && <p className="px-2 py-1 text-muted-foreground">{t("problems.checking")}</p>}
      {diagnostics?.length === 0 && !error && (
        <p className="flex items-center gap-2 px-2 py-1 text-muted-foreground">
          <CircleCheck aria-hidden className="size-3.5 text-success" />
          {t("problems.none")}
        </p>
      )}
      <ul className="max-lg:max-h-36 max-lg:overflow-y-auto">
        {sorted.map((one) => (
          <li key={`${one.file}:${one.line}:${one.column}:${one.code}:${one.pointer}`}>
            <button
              type="button"
              className="flex w-full items-start gap-2 rounded-md px-2 py-1 text-left hover:bg-accent"
              onClick={() => onShow({ file: one.file, line: one.line })}
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
                  {one.file}:{one.line} · {one.code}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
