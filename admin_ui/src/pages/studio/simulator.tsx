import { useMutation } from "@tanstack/react-query";
import { Clock, CornerDownRight, FlaskConical, ListTree, RotateCcw, SendHorizontal, X } from "lucide-react";
import { type FormEvent, lazy, Suspense, useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { Problem } from "../../api/problems";
import { type Content, MessageContent } from "../../chat/content";
import { noteWords } from "../../chat/note";
import { dataForm } from "../../studio/data-form";
import type { Draft, Now } from "../../studio/draft";
import { languagesOf } from "../../studio/languages";
import type { Action } from "../../studio/outcomes";
import {
  type Begin,
  beginOf,
  chosenOf,
  declaredIn,
  type Kept,
  keep,
  kept,
  nameOf,
  placeOf,
  profileOf,
} from "../../studio/personas";
import { sameBot } from "../../studio/same-bot";
import { freePath, testOf } from "../../studio/test-file";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Input } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { toast } from "../../ui/toast";
import { span } from "../../ui/when";
import { eventsOf, type Line, Mine } from "./happening";
import { Personas } from "./personas";
import { Answered, Call, Happens } from "./stubs";

const BeginAt = lazy(async () => ({ default: (await import("./begin-at")).BeginAt }));

type Simulated = Schemas["SimulatedOut"];
type Happened = Schemas["HappenedOut"];
export type Played = { line: Line; happened: Happened | undefined };

type Props = {
  draft: Draft;
  now: Now;
  actions: Map<string, Action>;
  errors: number;
  onStep: (flow: string, step: string) => void;
  /** Where the talk waits, for the canvas. */
  onHere: (here: { flow: string; step: string } | undefined) => void;
  /** A step from which it was asked to begin; undefined: none was. */
  from: Begin | undefined;
  onFrom: () => void;
};
/** Where a talk begins, with what the flow holds. */
type At = ReturnType<typeof placeOf>;

/** A talk with the draft as it is: nothing is sent or kept. When the draft changes the talk is played anew. */
export function Simulator({ draft, now, actions, errors, onStep, onHere, from, onFrom }: Props) {
  const { t, i18n } = useTranslation(["studio", "chat"]);
  const [played, setPlayed] = useState<Played[]>([]);
  const [talk, setTalk] = useState<Simulated>();
  const [of, setOf] = useState(now.files); // what the talk was with
  const [text, setText] = useState("");
  const [traced, setTraced] = useState(false);
  const [personas, setPersonas] = useState(() => kept(draft.bot));
  const bot = now.files["bot.yaml"] ?? "";
  const persona = chosenOf(personas, bot, i18n.language);
  const declared = declaredIn(bot);
  const contact = profileOf(persona, declared);
  const place = placeOf(personas, persona);
  const [asks, setAsks] = useState<{ at: Begin | undefined }>(); // where the talk shall begin
  const [meant, setMeant] = useState(false); // this talk's calls go out
  const [doubted, setDoubted] = useState<string>(); // the step whose call would be the first
  const talks = useRef(0);
  const log = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);

  const simulate = useMutation({
    meta: { shown: true },
    mutationFn: async ({ lines, at, anew }: { lines: Line[]; at: At; anew: boolean }) => {
      const which = talks.current;
      const files = draft.now().files;
      if (now.saving.state !== "saved") await draft.flush();
      const before = anew ? [] : played.map((each) => each.line).filter((line) => !("begin" in line));
      const ask = (events: Line[], state: string) =>
        given(
          api.POST("/api/v1/bots/{name}/draft/simulate", {
            params: { path: { name: draft.bot } },
            body: {
              events,
              state,
              channel: persona.channel,
              contact,
              at: beginOf(persona)?.toISOString() ?? null,
              begin: at ?? null,
            } as Schemas["SimulateIn"],
          }),
        );
      if (!anew && talk)
        try {
          return { out: await ask(lines, talk.state), kept: played, lines, at, which, files };
        } catch (error) {
          if (!(error instanceof Problem) || error.code !== "simulation.state_unfit") throw error;
        }
      const all = [...before, ...lines];
      return { out: await ask(all, ""), kept: [], lines: all, at, which, files };
    },
    onSuccess({ out, kept, lines, at, which, files }) {
      if (which !== talks.current) return; // an answer of a talk that is over
      setTalk(out);
      setOf(files);
      setPlayed([
        ...(out.began ? [{ line: { begin: at }, happened: out.began }] : []),
        ...kept,
        ...lines.map((line, place) => ({ line, happened: out.events[place] })),
      ]);
    },
  });
  const say = (line: Line) => simulate.mutate({ lines: [line], at: place, anew: false });
  /** A call of the talk goes out, and what comes back answers it. */
  const real = useMutation({
    meta: { shown: true },
    mutationFn: async (step: string) => {
      const which = talks.current;
      const out = await given(
        api.POST("/api/v1/bots/{name}/draft/simulate/call", {
          params: { path: { name: draft.bot }, header: ONCE },
          body: { state: talk?.state ?? "", step },
        }),
      );
      return { out, which };
    },
    onSuccess({ out, which }) {
      if (which !== talks.current) return;
      if (out.line) say(out.line);
    },
  });
  const call = (step: string) => (meant ? real.mutate(step) : setDoubted(step));
  const restart = () => {
    talks.current += 1;
    setMeant(false);
    real.reset();
    setPlayed([]);
    setTalk(undefined);
    simulate.reset();
  };
  /** The talk begins at its step at once; without one what is said first begins it. */
  const begin = (at: At) => {
    restart();
    if (at && errors === 0) simulate.mutate({ lines: [], at, anew: true });
    box.current?.focus();
  };
  /** What was said is said again, to the bot as it is now. */
  const again = () => {
    talks.current += 1;
    setMeant(false);
    real.reset();
    const lines = played.map((each) => each.line).filter((line) => !("begin" in line));
    simulate.mutate({ lines, at: place, anew: true });
  };
  const remember = (next: Kept) => {
    keep(draft.bot, next);
    setPersonas(next);
  };
  const beginAt = ({ flow, step }: Begin, data: Record<string, unknown>) => {
    const others = kept(draft.bot);
    const held = { ...others.data, [persona.id]: { ...others.data[persona.id], [flow]: data } };
    remember({ ...others, begin: { flow, step }, data: held });
    setAsks(undefined);
    begin({ flow, step, data });
  };
  const asked = useEffectEvent((at: Begin) => {
    onFrom();
    if (dataForm(now.files, at.flow, "")) setAsks({ at });
    else beginAt(at, {});
  });
  useEffect(() => {
    if (from) asked(from);
  }, [from]);
  const [flow, step] = [talk?.flow ?? "", talk?.step ?? ""];
  // biome-ignore lint/correctness/useExhaustiveDependencies: told when the place changes
  useEffect(() => {
    onHere(step === "" ? undefined : { flow, step });
  }, [flow, step]);
  const count = played.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came is what makes it scroll
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [count]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const said = text.trim();
    if (said === "" || simulate.isPending) return;
    setText("");
    say({ user: said });
  };
  const due = talk?.timers[0];
  const wait =
    due && talk ? Math.max(0, (new Date(due.at).getTime() - new Date(talk.now).getTime()) / 1000) : 0;
  const saveTest = () => {
    const path = freePath(now.files);
    const back = draft.edit({
      [path]: testOf(played, path, contact, persona.channel, beginOf(persona), talk?.ended ?? null),
    });
    toast.done(t("simulator.saved_test", { path }), back);
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-1 border-b px-3 py-1.5">
        <Personas
          bot={draft.bot}
          personas={personas}
          chosen={persona}
          languages={languagesOf(bot)}
          declared={declared}
          onChange={(next) => {
            setPersonas(next);
            restart();
          }}
        />
        <span className="ml-auto flex">
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("begin.label")}
            title={t("begin.label")}
            aria-pressed={place !== undefined}
            className={place ? "bg-accent" : ""}
            onClick={() => setAsks({ at: place })}
          >
            <CornerDownRight />
          </Button>
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("simulator.trace")}
            title={t("simulator.trace")}
            aria-pressed={traced}
            className={traced ? "bg-accent" : ""}
            onClick={() => setTraced(!traced)}
          >
            <ListTree />
          </Button>
          {draft.editable && (
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={t("simulator.save_test")}
              title={t("simulator.save_test")}
              disabled={played.length === 0}
              onClick={saveTest}
            >
              <FlaskConical />
            </Button>
          )}
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("simulator.restart")}
            title={t("simulator.restart")}
            disabled={played.length === 0}
            onClick={() => begin(place)}
          >
            <RotateCcw />
          </Button>
        </span>
      </div>
      {place && (
        <div className="flex items-center gap-1 border-b px-3 py-1 text-xs">
          <button
            type="button"
            className="min-w-0 flex-1 truncate text-left hover:underline"
            onClick={() => setAsks({ at: place })}
          >
            {t("begin.at", { step: nameOf(place) })}
            <span className="ml-2 text-muted-foreground">
              {Object.entries(place.data)
                .map(
                  ([name, value]) => `${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`,
                )
                .join(", ")}
            </span>
          </button>
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("begin.usual")}
            title={t("begin.usual")}
            onClick={() => {
              remember({ ...kept(draft.bot), begin: undefined });
              begin(undefined);
            }}
          >
            <X />
          </Button>
        </div>
      )}
      <div
        ref={log}
        className="min-h-0 flex-1 space-y-1.5 overflow-y-auto p-3"
        role="log"
        aria-label={t("pane.simulator")}
      >
        {played.length === 0 && errors === 0 && !place && (
          <p className="py-6 text-center text-muted-foreground text-[13px]">{t("simulator.empty")}</p>
        )}
        {played.length === 0 && errors === 0 && place && (
          <p className="py-6 text-center">
            <Button variant="primary" size="sm" busy={simulate.isPending} onClick={() => begin(place)}>
              {t("begin.now", { step: nameOf(place) })}
            </Button>
          </p>
        )}
        {errors > 0 && <Notice kind="warning">{t("simulator.errors", { count: errors })}</Notice>}
        {played.map((each, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was played stays in its place
          <div key={place} className="space-y-1.5">
            <Mine line={each.line} />
            {each.happened?.said.map((said, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as it was said
              <div key={at} className="flex justify-start">
                <div className="max-w-[85%] rounded-2xl rounded-bl-sm bg-muted px-3 py-1.5 text-[13px]">
                  <MessageContent
                    content={said.body as Content}
                    {...(place === played.length - 1
                      ? { onChoose: (choice: { title: string }) => say({ user: { choose: choice.title } }) }
                      : {})}
                  />
                </div>
              </div>
            ))}
            {each.happened?.kept.map((kept, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as it was kept
              <p key={at} className="text-[11px] text-muted-foreground">
                {t(`simulator.kept.${kept.kind}`, { text: kept.text })}
              </p>
            ))}
            {traced && <Answered line={each.line} />}
            {traced && each.happened && (
              <ol className="border-l-2 pl-2 font-mono text-[11px] text-muted-foreground">
                {each.happened.trace.map((step, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a trace never changes
                  <li key={at}>
                    {step.step && `${step.flow}.${step.step}`}
                    {step.outcome && ` → ${step.outcome}`}
                    {step.note && ` (${noteWords(step.note)})`}
                    {step.unset.length > 0 && (
                      <span className="text-warning">
                        {" "}
                        {t("simulator.unset", { names: step.unset.join(", ") })}
                      </span>
                    )}
                  </li>
                ))}
              </ol>
            )}
          </div>
        ))}
        {talk?.calls.map((one) => (
          <Call
            key={one.step}
            call={one}
            action={actions.get(one.action)}
            onAnswer={say}
            onReal={draft.editable ? () => call(one.step) : undefined}
            busy={real.isPending && real.variables === one.step}
          />
        ))}
        {real.data?.out.later && <p className="text-muted-foreground text-xs">{t("simulator.real_later")}</p>}
        <ProblemNotice error={real.error} />
        {talk?.ended && talk.status === "idle" && (
          <p className="py-2 text-center text-muted-foreground text-xs">
            {t("simulator.ended", { flow: talk.ended.flow })}
            {talk.ended.error && <span className="block text-destructive">{talk.ended.error}</span>}
          </p>
        )}
        <ProblemNotice error={simulate.error} />
        <Confirm
          open={doubted !== undefined}
          onOpenChange={() => setDoubted(undefined)}
          title={t("simulator.real_ask")}
          act={t("simulator.real")}
          onConfirm={() => {
            setMeant(true);
            setDoubted(undefined);
            if (doubted !== undefined) real.mutate(doubted);
          }}
        >
          {t("simulator.real_detail")}
        </Confirm>
        {talk && !sameBot(of, now.files) && (
          <div className="flex flex-wrap items-center justify-center gap-1 text-muted-foreground text-xs">
            {t("simulator.before")}
            <Button size="sm" variant="ghost" busy={simulate.isPending} disabled={errors > 0} onClick={again}>
              {t("simulator.again")}
            </Button>
          </div>
        )}
      </div>
      <div className="space-y-2 border-t p-3">
        {talk && (
          <div className="flex flex-wrap items-center gap-2 text-xs">
            {talk.flow && (
              <button type="button" onClick={() => onStep(talk.flow, talk.step)} className="hover:underline">
                <Badge tone="info">
                  {talk.flow}.{talk.step}
                </Badge>
              </button>
            )}
            {talk.status === "handed_off" && (
              <Badge tone="warning">{t("simulator.people", { team: talk.team })}</Badge>
            )}
            {talk.status === "handed_off" && (
              <Button
                size="sm"
                variant="ghost"
                busy={simulate.isPending}
                onClick={() => say({ returned: "team" })}
              >
                {t("happens.give_back")}
              </Button>
            )}
            {due && (
              <Button
                size="sm"
                variant="ghost"
                busy={simulate.isPending}
                title={due.timer}
                onClick={() => say({ after: `${Math.ceil(wait)}s` })}
              >
                <Clock />
                {t("simulator.pass", { span: span(wait, i18n.language) })}
              </Button>
            )}
          </div>
        )}
        <form onSubmit={submit} className="flex gap-2">
          <Happens
            events={() => eventsOf(now.files, flow, step)}
            disabled={errors > 0 || simulate.isPending}
            onLine={say}
          />
          <Input
            ref={box}
            value={text}
            aria-label={t("simulator.say")}
            placeholder={t("simulator.say")}
            autoComplete="off"
            disabled={errors > 0}
            onChange={(event) => setText(event.target.value)}
          />
          <Button
            type="submit"
            variant="primary"
            size="icon"
            aria-label={t("simulator.send")}
            busy={simulate.isPending}
            disabled={text.trim() === ""}
          >
            {!simulate.isPending && <SendHorizontal />}
          </Button>
        </form>
        {talk && Object.keys(talk.data).length > 0 && (
          <details className="text-xs">
            <summary className="cursor-pointer text-muted-foreground">{t("simulator.data")}</summary>
            <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3">
              {Object.entries(talk.data).map(([name, value]) => (
                <div key={name} className="contents">
                  <dt className="text-muted-foreground">{name}</dt>
                  <dd className="break-words font-mono">{JSON.stringify(value)}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </div>
      {asks && (
        <Suspense fallback={null}>
          <BeginAt
            files={now.files}
            at={asks.at}
            held={personas.data[persona.id] ?? {}}
            persona={persona.title || persona.name || t("personas.ready-new")}
            onBegin={beginAt}
            onClose={() => setAsks(undefined)}
          />
        </Suspense>
      )}
    </div>
  );
}
