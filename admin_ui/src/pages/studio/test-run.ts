import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Schemas } from "../../api/client";
import { told } from "../../api/stream";
import type { Draft, Files } from "../../studio/draft";
import { readFlow } from "../../studio/flow-text";

export type Result = Schemas["TestedOut"];
export type Coverage = Schemas["CoverageOut"];
/** Whether a test reached a step, and by which of its outcomes none left it. */
export type Reached = { step: boolean; missed: ReadonlySet<string> };

/** The draft's tests as they were played last, in this page. */
export function useTestRun(draft: Draft) {
  const [results, setResults] = useState<Result[]>([]);
  const [coverage, setCoverage] = useState<{ found: Coverage; files: Files }>();
  const [painted, paint] = useState(true);
  const run = useMutation({
    meta: { shown: true },
    mutationFn: async () => {
      await draft.flush();
      setResults([]);
      setCoverage(undefined);
      const { files } = draft.now();
      const path = `/api/v1/bots/${encodeURIComponent(draft.bot)}/draft/test`;
      for await (const said of told<Schemas["TestEvents"]>(path, { method: "POST" })) {
        if (said.event === "test") setResults((before) => [...before, said.data]);
        else setCoverage({ found: said.data, files });
      }
    },
  });
  return { run, results, coverage: coverage?.found, files: coverage?.files, painted, paint };
}

export type TestRun = ReturnType<typeof useTestRun>;

/** What of a flow's steps the last run reached, while the canvas shows it. What is new since then, none reached. */
export function useReached({ coverage, files, painted }: TestRun, file: string | undefined) {
  return useMemo(() => {
    if (!coverage || !files || !painted || file === undefined) return undefined;
    const flow = readFlow(files[file] ?? "");
    const [steps, outcomes] = [new Set(coverage.missed_steps), new Set(coverage.missed_outcomes)];
    return new Map(
      flow.steps
        .filter((step) => !step.disabled)
        .map((step): [string, Reached] => {
          const name = `${flow.id}.${step.id}`;
          const missed = [...outcomes].filter((each) => each.startsWith(`${name}:`));
          return [
            step.id,
            { step: !steps.has(name), missed: new Set(missed.map((each) => each.slice(name.length + 1))) },
          ];
        }),
    );
  }, [coverage, files, painted, file]);
}
