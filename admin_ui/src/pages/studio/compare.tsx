import { useQuery } from "@tanstack/react-query";
import { Workflow } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { actsOn } from "../../studio/acts";
import { changesOf, woven } from "../../studio/compared";
import type { Draft, Files } from "../../studio/draft";
import { fileOfFlow } from "../../studio/flow-files";
import { readFlow, stepsText } from "../../studio/flow-text";
import { languagesOf } from "../../studio/languages";
import { readLayout } from "../../studio/layout";
import type { Action } from "../../studio/outcomes";
import { tongueOf } from "../../studio/tongue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Select } from "../../ui/input";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Difference } from "./difference";
import { useActions } from "./known-actions";

const Canvas = lazy(async () => ({ default: (await import("./canvas")).Canvas }));

/** A version, or the draft as it is now. */
export type State = number | "draft";
export type Pair = [number, State];

/** Any two of a bot's states, chosen. */
export function Compare({ draft, versions }: { draft: Draft; versions: number[] }) {
  const { t } = useTranslation("publishing");
  const [newest] = versions;
  const [pair, setPair] = useState<Pair>();
  const [before, after] = pair ?? [newest ?? 1, "draft" as const];
  if (newest === undefined) return null;
  const said = (state: State) =>
    state === "draft" ? t("compare.draft") : t("versions.one", { version: state });
  return (
    <section aria-label={t("compare.title")} className="space-y-2 text-[13px]">
      <h3 className="font-medium">{t("compare.title")}</h3>
      <div className="flex items-center gap-2">
        <Select
          aria-label={t("compare.before")}
          value={before}
          onChange={(event) => setPair([Number(event.target.value), after])}
        >
          {versions.map((each) => (
            <option key={each} value={each}>
              {said(each)}
            </option>
          ))}
        </Select>
        <span aria-hidden>→</span>
        <Select
          aria-label={t("compare.after")}
          value={after}
          onChange={({ target: { value } }) => setPair([before, value === "draft" ? value : Number(value)])}
        >
          {(["draft", ...versions] as State[]).map((each) => (
            <option key={each} value={each}>
              {said(each)}
            </option>
          ))}
        </Select>
        {!pair && (
          <Button size="sm" onClick={() => setPair([before, after])}>
            {t("compare.act")}
          </Button>
        )}
      </div>
      {pair && <Compared draft={draft} pair={pair} />}
    </section>
  );
}

/** What differs between two states: by step, as text, and on the canvas. */
export function Compared({ draft, pair }: { draft: Draft; pair: Pair }) {
  const { t } = useTranslation("publishing");
  const [drawn, setDrawn] = useState(false);
  const [version, other] = pair;
  const diff = useQuery<Schemas["DiffOut"]>({
    queryKey: ["version-diff", draft.bot, version, other, other === "draft" ? draft.now().revision : 0],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const path = { name: draft.bot };
      if (other !== "draft")
        return given(
          api.GET("/api/v1/bots/{name}/versions/{version}/diff/{other}", {
            params: { path: { ...path, version, other } },
            signal,
          }),
        );
      await draft.flush();
      return given(
        api.GET("/api/v1/bots/{name}/draft/diff", { params: { path, query: { version } }, signal }),
      );
    },
  });
  if (diff.isPending) return <Loading lines={2} />;
  if (diff.isError) return <ProblemNotice error={diff.error} retry={() => diff.refetch()} />;
  const { flows_added, flows_removed, steps } = diff.data;
  return (
    <div className="space-y-2">
      <Difference told={diff.data} />
      {flows_added.length + flows_removed.length + steps.length > 0 && (
        <Button size="sm" onClick={() => setDrawn(true)}>
          <Workflow />
          {t("compare.canvas")}
        </Button>
      )}
      {drawn && <Drawn draft={draft} pair={pair} told={diff.data} onClose={() => setDrawn(false)} />}
    </div>
  );
}

function useFiles(draft: Draft, state: State) {
  return useQuery<Files>({
    queryKey: ["version-files", draft.bot, state, state === "draft" ? draft.now().revision : 0],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      state === "draft"
        ? draft.now().files
        : given(
            api.GET("/api/v1/bots/{name}/versions/{version}/files", {
              params: { path: { name: draft.bot, version: state } },
              signal,
            }),
          ),
  });
}

type DrawnProps = { draft: Draft; pair: Pair; told: Schemas["DiffOut"]; onClose: () => void };

/** One flow of both, on one canvas; the chosen step as it was and as it is. */
function Drawn({ draft, pair, told, onClose }: DrawnProps) {
  const { t } = useTranslation("publishing");
  const flows = [
    ...new Set([...told.steps.map(({ flow }) => flow), ...told.flows_added, ...told.flows_removed]),
  ];
  const [name, setName] = useState(flows[0] ?? "");
  const [chosen, setChosen] = useState<string>();
  const [before, after] = [useFiles(draft, pair[0]), useFiles(draft, pair[1])];
  const known = useActions();
  const failed = [before, after, known].find((each) => each.isError);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("compare.canvas")}
      description={t("compare.legend")}
      className="h-[calc(100dvh-2rem)] max-w-6xl"
    >
      <div className="flex h-full min-h-0 flex-col gap-2">
        <Select
          aria-label={t("compare.flow")}
          className="w-auto self-start"
          value={name}
          onChange={(event) => {
            setName(event.target.value);
            setChosen(undefined);
          }}
        >
          {flows.map((flow) => (
            <option key={flow}>{flow}</option>
          ))}
        </Select>
        <ProblemNotice error={failed?.error} retry={() => failed?.refetch()} />
        {before.data && after.data && known.data && (
          <Both
            key={name}
            draft={draft}
            name={name}
            told={told}
            before={before.data}
            after={after.data}
            actions={known.data.items}
            chosen={chosen}
            onChoose={setChosen}
          />
        )}
      </div>
    </Dialog>
  );
}

type BothProps = {
  draft: Draft;
  name: string;
  told: Schemas["DiffOut"];
  before: Files;
  after: Files;
  actions: Action[];
  chosen: string | undefined;
  onChoose: (step: string | undefined) => void;
};

function Both({ draft, name, told, before, after, actions, chosen, onChoose }: BothProps) {
  const { t } = useTranslation("publishing");
  const textIn = (files: Files) => files[fileOfFlow(files, name) ?? ""];
  const [was, is] = [textIn(before), textIn(after)];
  // All of it is made once: the two states do not change while they are looked at.
  const [shown] = useState(() => {
    const [old, now] = [was, is].map((text) => (text === undefined ? undefined : readFlow(text)));
    const steps = told.steps.find(({ flow }) => flow === name) ?? {
      added: old ? [] : (now?.steps ?? []).map(({ id }) => id),
      removed: now ? [] : (old?.steps ?? []).map(({ id }) => id),
    };
    return {
      flow: woven(old, now, steps.removed ?? []),
      changes: changesOf(steps),
      actions: new Map(actions.map((action) => [action.name, action])),
      tongue: tongueOf(after, languagesOf(after["bot.yaml"] ?? "")[0] ?? "en"),
      moved: readLayout(after["layout.json"])[name] ?? {},
      acts: actsOn(draft, "", ""),
    };
  });
  return (
    <>
      <Suspense fallback={<Loading />}>
        <Canvas
          id="compared-canvas"
          {...shown}
          files={after}
          diagnostics={NONE}
          gaps={NO_STEPS}
          beside={NO_STEPS}
          reached={undefined}
          here={undefined}
          chosen={chosen}
          editable={false}
          onChoose={onChoose}
          onRemove={() => undefined}
          onOpen={() => undefined}
          onSimulate={() => undefined}
        />
      </Suspense>
      {chosen !== undefined && (
        <div className="grid max-h-[40%] shrink-0 grid-cols-1 gap-2 overflow-y-auto sm:grid-cols-2">
          {([t("compare.before"), t("compare.after")] as const).map((said, place) => {
            const text = place === 0 ? was : is;
            return (
              <div key={said} className="min-w-0">
                <p className="mb-1 text-muted-foreground text-xs">{said}</p>
                <pre className="whitespace-pre-wrap break-words rounded-md border bg-muted/40 p-2 text-xs">
                  {(text === undefined ? "" : stepsText(text, [chosen])) || t("compare.not_there")}
                </pre>
              </div>
            );
          })}
        </div>
      )}
    </>
  );
}

const NONE: Schemas["DiagnosticOut"][] = [];
const NO_STEPS: ReadonlyMap<string, never> = new Map<string, never>();
