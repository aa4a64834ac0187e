import { useMutation } from "@tanstack/react-query";
import { CircleCheck, CircleX, Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { told } from "../../api/stream";
import type { Draft, Now } from "../../studio/draft";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Notice, ProblemNotice } from "../../ui/notice";
import type { Shown } from "./routes";

/** As the stream of `POST …/draft/test` tells it (admin_api/routes/draft_trials.py). */
type Result = {
  file: string;
  name: string;
  passed: boolean;
  failure: string;
  line: number | null;
  transcript: { who: string; text: string }[];
};
type Coverage = {
  steps: number;
  outcomes: number;
  missed_steps: string[];
  missed_outcomes: string[];
  missed_languages: string[];
  short: { kind: string; percent: number; wanted: number }[];
};

type Props = { draft: Draft; now: Now; errors: number; onShow: (more: Shown) => void };

/** The draft's own conversation tests, played on the server one after another. */
export function Tests({ draft, now, errors, onShow }: Props) {
  const { t } = useTranslation("studio");
  const [results, setResults] = useState<Result[]>([]);
  const [coverage, setCoverage] = useState<Coverage>();
  const run = useMutation({
    meta: { shown: true },
    mutationFn: async () => {
      await draft.flush();
      setResults([]);
      setCoverage(undefined);
      const path = `/api/v1/bots/${encodeURIComponent(draft.bot)}/draft/test`;
      for await (const { event, data } of told(path, { method: "POST" })) {
        if (event === "test") {
          const one: Result = JSON.parse(data);
          setResults((before) => [...before, one]);
        } else if (event === "coverage") setCoverage(JSON.parse(data));
      }
    },
  });
  const tests = Object.keys(now.files).filter((path) => path.startsWith("tests/")).length;
  const failed = results.filter((one) => !one.passed).length;
  return (
    <div className="space-y-3 text-[13px]">
      <div className="flex items-center gap-3">
        <Button
          variant="primary"
          size="sm"
          busy={run.isPending}
          disabled={errors > 0 || tests === 0}
          onClick={() => run.mutate()}
        >
          <Play />
          {t("tests.run", { count: tests })}
        </Button>
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
          <h3 className="font-medium">{t("tests.coverage")}</h3>
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
