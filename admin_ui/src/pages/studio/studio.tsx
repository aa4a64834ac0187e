import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ArrowUp } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { actsOn } from "../../studio/acts";
import type { Draft, Now } from "../../studio/draft";
import { byPlace, firstOf } from "../../studio/flow-files";
import { readFlow, stepAt } from "../../studio/flow-text";
import { languagesOf } from "../../studio/languages";
import { readLayout } from "../../studio/layout";
import { KEYS, tongueOf } from "../../studio/tongue";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Loading } from "../../ui/skeleton";
import { Tab, TabList, TabPanel, Tabs } from "../../ui/tabs";
import { useCalm } from "./calm";
import { useStudioCommands } from "./commands";
import { type Asked, Dialogs } from "./dialogs";
import { FilesPane } from "./files-pane";
import { useGaps } from "./gaps";
import { useActions } from "./known-actions";
import { besideOf, useOthers } from "./others";
import { Outline } from "./outline";
import { Edge, usePanes } from "./panes";
import type { Renaming } from "./rename";
import { fileOf, PANES, type Shown } from "./routes";
import { ClashQuestion } from "./save-state";
import { useShortcuts } from "./shortcuts";
import { focusForm, StepPane } from "./step-pane";
import { StudioBar } from "./studio-bar";
import { useReached, useTestRun } from "./test-run";
import { useTextLanguage } from "./text-language";
import { ViewBar } from "./view-bar";
import { WhileSeen } from "./while-seen";
import { useWide } from "./wide";

const Canvas = lazy(async () => ({ default: (await import("./canvas")).Canvas }));
const Editor = lazy(async () => ({ default: (await import("./editor")).Editor }));
const TextsPage = lazy(async () => ({ default: (await import("./texts-page")).TextsPage }));
const NamesPage = lazy(async () => ({ default: (await import("./names-page")).NamesPage }));
const Preview = lazy(async () => ({ default: (await import("./preview")).Preview }));
const Simulator = lazy(async () => ({ default: (await import("./simulator")).Simulator }));
const Tests = lazy(async () => ({ default: (await import("./tests-pane")).Tests }));
const route = getRouteApi("/frame/bots/$bot");

type Props = {
  draft: Draft;
  now: Now;
  check: Schemas["CheckOut"] | undefined;
  checkError: unknown;
};

export function Studio({ draft, now, check, checkError }: Props) {
  const { t, i18n } = useTranslation(["studio", "whole-bot"]);
  const shown = route.useSearch();
  const navigate = route.useNavigate();
  const paths = useMemo(() => Object.keys(now.files).sort(byPlace), [now.files]);
  const file = shown.file !== undefined && shown.file in now.files ? shown.file : firstOf(paths);
  const [asked, setAsked] = useState<Asked>();
  const show = (more: Shown) =>
    void navigate({
      search: ({ line: _, ...before }) => ({
        ...(more.file || more.view ? fileOf(before) : before),
        ...more,
      }),
      replace: true,
      resetScroll: false,
    });
  const diagnostics = check?.diagnostics ?? NO_DIAGNOSTICS;
  const found = useMemo(() => diagnostics.filter((one) => one.file === file), [diagnostics, file]);
  const isFlow = file?.startsWith("flows/") ?? false;
  const view = isFlow ? (shown.view ?? "canvas") : "yaml";
  const text = file === undefined ? "" : (now.files[file] ?? "");
  // Where only the text is seen, the flow is read when its author pauses.
  const calm = useCalm(text, file, view === "yaml" && shown.pane !== "step");
  const read = useMemo(() => (isFlow ? readFlow(calm) : undefined), [isFlow, calm]);
  // A text that cannot be read keeps the canvas that it had, to look at.
  const whole = useRef<{ file: string | undefined; flow: ReturnType<typeof readFlow> }>(undefined);
  if (read && !read.fault) whole.current = { file, flow: read };
  const flow = read?.fault ? (whole.current?.file === file ? whole.current?.flow : undefined) : read;
  const editable = draft.editable && read?.fault === undefined;
  const acts = useMemo(() => actsOn(draft, file ?? "", t("canvas.refused")), [draft, file, t]);
  const known = useActions().data?.items;
  const actions = useMemo(() => new Map(known?.map((action) => [action.name, action])), [known]);
  const channels = useQuery({
    queryKey: ["channels"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => given(api.GET("/api/v1/channels", { signal })),
  });
  const bot = now.files["bot.yaml"] ?? "";
  const languages = useMemo(() => languagesOf(bot), [bot]);
  // By itself the person's own, where the bot speaks it.
  const own = languages.indexOf(i18n.language) > 0 ? i18n.language : undefined;
  const speaks = [...languages, KEYS].find((each) => each === shown.speaks) ?? own;
  const tongue = useMemo(
    () => tongueOf(now.files, speaks ?? languages[0] ?? "en"),
    [now.files, speaks, languages],
  );
  const texts = useTextLanguage(now.files, languages, speaks);
  const others = useOthers(draft, now, shown.place ?? file, shown.place ? undefined : shown.step);
  const beside = useMemo(() => besideOf(others, file), [others, file]);
  const played = useTestRun(draft);
  const reached = useReached(played, isFlow ? file : undefined);
  const gaps = useGaps(draft, now, isFlow ? file : undefined, speaks);
  const moved = useMemo(
    () => readLayout(now.files["layout.json"])[flow?.id ?? ""] ?? {},
    [now.files["layout.json"], flow?.id],
  );
  const step = flow?.steps.find((each) => each.id === shown.step);
  const [here, setHere] = useState<{ flow: string; step: string }>();
  const talks = (shown.pane ?? "simulator") === "simulator";
  const talked = useRef(talks); // its talk stays while other panes are looked at
  if (talks) talked.current = true;
  const [from, setFrom] = useState<{ flow: string; step: string }>(); // where the simulator is to begin
  /** `pane`: what shows it, or what is shown when none is chosen; undefined: what is shown now. */
  const choose = (id: string | undefined, pane = id === undefined ? shown.pane : "step") => {
    if (id !== undefined && id === shown.step) toPane();
    void navigate({
      search: ({ step: _, line: __, ...before }) => ({
        ...before,
        ...(id === undefined ? {} : { step: id }),
        ...(pane === undefined ? {} : { pane }),
      }),
      replace: true,
      resetScroll: false,
    });
  };
  /** The simulator begins at a step. */
  const simulate = (id: string) => {
    if (!flow) return;
    if (noRight) fold.right();
    setFrom({ flow: flow.id, step: id });
    choose(id, "simulator");
  };
  /** A problem's place: its step where that can be shown, else its line. */
  const follow = ({ file: path, line }: Shown, column: number) => {
    const there = readFlow(now.files[path ?? ""] ?? "");
    const at = stepAt(there, line ?? 0);
    if (path?.startsWith("flows/") && at && shown.view !== "yaml") {
      if (noRight) fold.right();
      toPane();
      texts.showAt(now.files[path] ?? "", line ?? 1, column);
      show({ file: path, step: at.id, pane: "step", ...(line === undefined ? {} : { line }) });
    } else show({ view: "yaml", ...(path ? { file: path } : {}), ...(line === undefined ? {} : { line }) });
  };
  const wide = useWide();
  const [panes, setPanes] = usePanes();
  const [noLeft, noRight] = [wide && panes.noLeft, wide && panes.noRight];
  // Where the panes stand below the flow, the one that is asked for comes into sight.
  const flowBox = useRef<HTMLElement>(null);
  const paneBox = useRef<HTMLElement>(null);
  const toPane = () => {
    if (!wide) paneBox.current?.scrollIntoView();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another step in the same pane is to be seen too
  useEffect(() => {
    if (shown.pane !== undefined) toPane();
  }, [wide, shown.pane, shown.step]);
  // The form of a step that was opened has the focus as soon as it is there.
  const opens = useRef(false);
  const errors = diagnostics.filter((one) => one.severity === "error").length;

  const fold = useMemo(
    () => ({
      left: () => setPanes({ noLeft: !panes.noLeft }),
      right: () => setPanes({ noRight: !panes.noRight }),
    }),
    [panes.noLeft, panes.noRight, setPanes],
  );
  /** `onGone`: given the step that is next, when they are gone. */
  const remove = (ids: string[], onGone: (next: string | undefined) => void = choose) =>
    flow && file !== undefined && setAsked({ what: "remove", leaving: { ids, flow, file }, onGone });
  const leave = () => show({ step: undefined, pane: undefined });
  const rename = (renaming: Renaming) => setAsked({ what: "rename", renaming });
  const seek = (words: string) => setAsked({ what: "seek", words });
  useStudioCommands(setAsked, panes, fold);
  useShortcuts(draft, seek);

  return (
    <div className="relative flex h-full min-h-0 flex-col">
      <StudioBar
        draft={draft}
        now={now}
        others={others}
        panes={panes}
        wide={wide}
        onFold={fold}
        onShow={show}
        onSeek={() => seek("")}
        onVersions={() => setAsked({ what: "versions" })}
        onPublish={() => setAsked({ what: "publish" })}
      />
      <div
        className="grid min-h-0 flex-1 max-lg:[container-type:size] max-lg:grid-rows-[auto_minmax(20rem,1fr)_2.5rem] max-lg:overflow-y-auto"
        style={
          wide
            ? {
                gridTemplateColumns: [
                  ...(noLeft ? [] : [`${panes.left}px`]),
                  "minmax(0, 1fr)",
                  ...(noRight ? [] : [`${panes.right}px`]),
                ].join(" "),
              }
            : undefined
        }
      >
        <FilesPane
          draft={draft}
          paths={paths}
          file={file}
          place={shown.place}
          check={check}
          checkError={checkError}
          wide={wide}
          hidden={noLeft}
          onShow={show}
          onFollow={follow}
          onRename={rename}
        />
        {shown.place && (
          <section
            aria-label={t(`whole-bot:place.${shown.place}`)}
            className={cn(
              "relative flex min-h-0 min-w-0 flex-col max-lg:row-span-2",
              !noRight && "lg:col-span-2",
            )}
          >
            {wide && !noLeft && (
              <Edge of="left" label={t("pane.left_edge")} panes={panes} onChange={setPanes} />
            )}
            <Suspense fallback={<Loading className="p-4" />}>
              {shown.place === "texts" ? (
                <TextsPage
                  draft={draft}
                  now={now}
                  shown={shown}
                  diagnostics={diagnostics}
                  channels={channels.data ?? NO_CHANNELS}
                  onShow={show}
                />
              ) : (
                <NamesPage draft={draft} now={now} shown={shown} onShow={show} onRename={rename} />
              )}
            </Suspense>
          </section>
        )}
        <section
          ref={flowBox}
          aria-label={file ?? t("tree.label")}
          className={cn("relative min-h-0 min-w-0 flex-col", shown.place ? "hidden" : "flex")}
        >
          {wide && !noLeft && (
            <Edge of="left" label={t("pane.left_edge")} panes={panes} onChange={setPanes} />
          )}
          {wide && !noRight && (
            <Edge of="right" label={t("pane.right_edge")} panes={panes} onChange={setPanes} />
          )}
          {isFlow && (
            <ViewBar
              view={view}
              wide={wide}
              fault={read?.fault}
              languages={languages}
              speaks={speaks}
              gaps={gaps}
              chosen={shown.step}
              onFlow={() => {
                if (noRight) fold.right();
                choose(undefined, "step");
              }}
              onShow={show}
              onChoose={choose}
            />
          )}
          {file === undefined ? (
            <p className="p-6 text-muted-foreground">{t("no_files")}</p>
          ) : (
            <Suspense fallback={<Loading className="p-4" />}>
              <div className={cn("flex min-h-0 flex-1", view === "split" ? "flex-col" : "")}>
                {view !== "yaml" &&
                  flow &&
                  (wide ? (
                    <Canvas
                      key={file}
                      kept={`${draft.bot}.${flow.id}`}
                      flow={flow}
                      files={now.files}
                      actions={actions}
                      diagnostics={found}
                      moved={moved}
                      tongue={tongue}
                      gaps={gaps}
                      beside={beside}
                      reached={reached}
                      chosen={shown.step}
                      here={here?.flow === flow.id ? here.step : undefined}
                      acts={acts}
                      editable={editable}
                      onChoose={choose}
                      onRemove={remove}
                      onSimulate={simulate}
                      onOpen={() => {
                        if (noRight) fold.right();
                        show({ pane: "step" });
                        opens.current = true;
                        focusForm(opens);
                      }}
                    />
                  ) : (
                    <Outline
                      kept={`${draft.bot}.${flow.id}`}
                      flow={flow}
                      files={now.files}
                      actions={actions}
                      diagnostics={found}
                      tongue={tongue}
                      gaps={gaps}
                      chosen={shown.step}
                      acts={acts}
                      editable={editable}
                      onChoose={choose}
                      onRemove={(ids) => remove(ids, () => ids.includes(shown.step ?? "") && leave())}
                      onLeave={leave}
                      onSimulate={simulate}
                    />
                  ))}
                {(view !== "canvas" || !flow) && (
                  <div
                    className={cn(
                      "relative flex min-h-0 min-w-0 flex-1 flex-col",
                      view === "split" && "border-t",
                    )}
                    style={view === "split" && flow ? { flex: `0 0 ${panes.text}%` } : undefined}
                  >
                    {view === "split" && flow && (
                      <Edge of="text" label={t("pane.text_edge")} panes={panes} onChange={setPanes} />
                    )}
                    <Editor
                      key={file}
                      draft={draft}
                      path={file}
                      text={text}
                      line={
                        shown.line ??
                        (view === "split" && step ? flow?.lines[flow.steps.indexOf(step)] : undefined)
                      }
                      goes={shown.line !== undefined}
                      diagnostics={found}
                    />
                  </div>
                )}
              </div>
            </Suspense>
          )}
        </section>
        {/* Below the flow only its tabs are in sight: the rest of it is scrolled to. */}
        <aside
          ref={paneBox}
          aria-label={t("pane.label")}
          className={cn(
            "min-w-0 max-lg:h-[calc(100cqh+1px)] max-lg:border-t lg:min-h-0 lg:border-l",
            (shown.place || noRight) && "hidden",
          )}
        >
          <Tabs
            value={shown.pane ?? "simulator"}
            onValueChange={(pane) => show({ pane: pane as "tests" })}
            className="flex h-full min-h-0 flex-col"
          >
            <div className="flex items-center gap-1 border-b pr-2">
              <TabList className="flex-1 gap-3 border-b-0 pl-3" onClick={toPane}>
                {PANES.map((pane) => (
                  <Tab key={pane} value={pane}>
                    {t(`pane.${pane}`)}
                  </Tab>
                ))}
              </TabList>
              {errors > 0 && (
                <Badge tone="bad" title={t("problems.errors", { count: errors })}>
                  <span aria-hidden>{errors}</span>
                  <span className="sr-only">{t("problems.errors", { count: errors })}</span>
                </Badge>
              )}
              {!wide && (
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-label={t("pane.flow")}
                  title={t("pane.flow")}
                  onClick={() => flowBox.current?.scrollIntoView()}
                >
                  <ArrowUp />
                </Button>
              )}
            </div>
            <TabPanel
              value="simulator"
              {...(talked.current ? { forceMount: true } : {})}
              className="min-h-0 flex-1 data-[state=inactive]:hidden"
            >
              <WhileSeen seen={talks}>
                <Suspense fallback={<Loading className="p-3" />}>
                  <Simulator
                    draft={draft}
                    now={now}
                    actions={actions}
                    errors={errors}
                    onStep={(at, id) => show({ file: `flows/${at}.yaml`, step: id })}
                    onHere={setHere}
                    from={from}
                    onFrom={() => setFrom(undefined)}
                  />
                </Suspense>
              </WhileSeen>
            </TabPanel>
            <TabPanel
              value="step"
              data-pane="step"
              className="min-h-0 flex-1 overflow-y-auto"
              onKeyDown={(event) => {
                if (event.key === "Escape" && !event.defaultPrevented)
                  document.getElementById("flow-canvas")?.focus();
              }}
            >
              {flow && file !== undefined && (
                <StepPane
                  file={file}
                  flow={flow}
                  step={step}
                  files={now.files}
                  actions={actions}
                  languages={texts}
                  diagnostics={found}
                  acts={acts}
                  editable={editable}
                  onChoose={choose}
                  onSimulate={simulate}
                  opens={opens}
                  onRemove={remove}
                  onRename={rename}
                />
              )}
            </TabPanel>
            <TabPanel value="preview" className="min-h-0 flex-1">
              <Suspense fallback={<Loading className="p-3" />}>
                <Preview
                  files={now.files}
                  file={file}
                  chosen={step?.id}
                  speaks={speaks}
                  seen={!shown.place && !noRight}
                  onStep={(path, id) => show({ file: path, step: id })}
                />
              </Suspense>
            </TabPanel>
            <TabPanel value="tests" className="min-h-0 flex-1 overflow-y-auto p-3">
              <Suspense fallback={<Loading className="p-3" />}>
                <Tests played={played} now={now} errors={errors} onShow={show} />
              </Suspense>
            </TabPanel>
          </Tabs>
        </aside>
      </div>
      {now.saving.state === "clash" && <ClashQuestion draft={draft} clash={now.saving.clash} />}
      {asked && (
        <Dialogs
          asked={asked}
          draft={draft}
          now={now}
          acts={acts}
          errors={errors}
          warnings={diagnostics.length - errors}
          onClose={() => setAsked(undefined)}
          onShow={(more) => {
            if (noRight && more.pane) fold.right();
            show(more);
          }}
          onTests={() => played.run.mutate()}
          onFollow={follow}
          onRenamed={({ kind, name }, to) => {
            if (kind === "step" && shown.step === name) choose(to);
            if (kind === "flow" && file === `flows/${name}.yaml` && !shown.place)
              show({ file: `flows/${to}.yaml` });
          }}
        />
      )}
    </div>
  );
}

const NO_DIAGNOSTICS: Schemas["DiagnosticOut"][] = [];
const NO_CHANNELS: Schemas["ChannelOut"][] = [];
