import { CircleCheck, CircleX, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Now } from "../../studio/draft";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Notice, ProblemNotice } from "../../ui/notice";
import type { Shown } from "./routes";
import type { TestRun } from "./test-run";

type Props = { played: TestRun; now: Now; errors: number; onShow: (more: Shown) => void };

/** The draft's own conversation tests, played on the server one after another. */
export function Tests({ played, now, errors, onShow }: Props) {
  const { t } = useTranslation("studio");
  const { run, results, coverage, painted, paint } = played;
  const tests = Object.keys(now.files).filter((path) => path.startsWith("tests/")).length;
  const failed = results.filter((one) => !one.passed).length;
  return (
    <div className="space-y-3 text-[13px]">
      <div className="flex items-center gap-3">
        {tests > 0 && (
          <Button
            variant="primary"
            size="sm"
            busy={run.isPending}
            disabled={errors > 0}
            onClick={() => run.mutate()}
          >
            <Play />
            {t("tests.run", { count: tests })}
          </Button>
        )}
        {results.length > 0 && (
          <span className={failed > 0 ? "text-destructive" : "text-success"}>
            {failed > 0 ? t("tests.failed", { count: failed }) : t("tests.passed", { count: results.length })}
          </span>
        )}
      </div>
      {errors > 0 && <Notice kind="warning">{t("simulator.errors", { count: errors })}</Notice>}
      {tests === 0 && <p className="text-muted-foreground">{t("tests.none")}</p>}
      <ProblemNotice error={run.error} />
      <ul className="space-y-2">
        {[...results]
          .sort((one, other) => Number(one.passed) - Number(other.passed))
          .map((one) => (
            <li key={`${one.file}:${one.name}`} className="rounded-md border p-2">
              <button
                type="button"
                className="flex w-full items-start gap-2 text-left hover:underline"
                onClick={() => onShow({ file: one.file, ...(one.line ? { line: one.line } : {}) })}
              >
                {one.passed ? (
                  <CircleCheck
                    aria-label={t("tests.one_passed")}
                    className="mt-0.5 size-4 shrink-0 text-success"
                  />
                ) : (
                  <CircleX
                    aria-label={t("tests.one_failed")}
                    className="mt-0.5 size-4 shrink-0 text-destructive"
                  />
                )}
                <span className="min-w-0">
                  {one.name}
                  <span className="block text-muted-foreground text-xs">{one.file}</span>
                </span>
              </button>
              {!one.passed && (
                <div className="mt-2 space-y-2">
                  <pre className="overflow-x-auto whitespace-pre-wrap text-destructive text-xs">
                    {one.failure}
                  </pre>
                  <details className="text-xs">
                    <summary className="cursor-pointer text-muted-foreground">
                      {t("tests.transcript")}
                    </summary>
                    <ol className="mt-1 space-y-0.5">
                      {one.transcript.map((line, place) => (
                        <li
                          // biome-ignore lint/suspicious/noArrayIndexKey: as it was said
                          key={place}
                          className={cn("whitespace-pre-wrap", line.who === "user" && "text-primary")}
                        >
                          <span className="text-muted-foreground">{line.who}: </span>
                          {line.text}
                        </li>
                      ))}
                    </ol>
                  </details>
                </div>
              )}
            </li>
          ))}
      </ul>
      {coverage && (
        <section className="space-y-1 border-t pt-3">
          <div className="flex items-center justify-between gap-2">
            <h3 className="font-medium">{t("tests.coverage")}</h3>
            <Button
              size="sm"
              className="max-lg:hidden" // there is no canvas
              aria-pressed={painted}
              onClick={() => paint(!painted)}
            >
              {t(painted ? "tests.unpaint" : "tests.paint")}
            </Button>
          </div>
          <p>
            {t("tests.reached", {
              steps: coverage.steps - coverage.missed_steps.length,
              all_steps: coverage.steps,
              outcomes: coverage.outcomes - coverage.missed_outcomes.length,
              all_outcomes: coverage.outcomes,
            })}
          </p>
          {coverage.short.map((one) => (
            <Notice key={one.kind} kind="warning">
              {t("tests.short", { kind: one.kind, percent: Math.floor(one.percent), wanted: one.wanted })}
            </Notice>
          ))}
          {(["missed_steps", "missed_outcomes", "missed_languages"] as const).map(
            (kind) =>
              coverage[kind].length > 0 && (
                <details key={kind} className="text-xs">
                  <summary className="cursor-pointer text-muted-foreground">
                    {t(`tests.${kind}`, { count: coverage[kind].length })}
                  </summary>
                  <p className="font-mono">{coverage[kind].join(", ")}</p>
                </details>
              ),
          )}
        </section>
      )}
    </div>
  );
}
