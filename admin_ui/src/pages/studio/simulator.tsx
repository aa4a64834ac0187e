import { useMutation } from "@tanstack/react-query";
import { Clock, CornerDownRight, FlaskConical, ListTree, RotateCcw, SendHorizontal, X } from "lucide-react";
import { type FormEvent, lazy, Suspense, useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { Problem } from "../../api/problems";
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
import { answerByStubs } from "../../studio/stubs";
import { freePath, testOf } from "../../studio/test-file";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Input } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { toast } from "../../ui/toast";
import { span } from "../../ui/when";
import { Calls, KeepAnswer } from "./calls";
import { eventsOf, type Line } from "./happening";
import { Personas } from "./personas";
import { Happens } from "./stubs";
import { TalkLine } from "./talk-line";

const BeginAt = lazy(async () => ({ default: (await import("./begin-at")).BeginAt }));

type Simulated = Schemas["SimulatedOut"];
export type Played = { line: Line; happened: Schemas["HappenedOut"] | undefined };

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
type Said = { lines: Line[]; at: At; anew: boolean /** No stub answers. */; hand: boolean };

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
  const [byHand, setByHand] = useState(false); // this talk's calls are not answered by stubs
  const [talks, setTalks] = useState(0); // so many were begun
  const current = useRef(0);
  const log = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);

  const simulate = useMutation({
    meta: { shown: true },
    mutationFn: async ({ lines, at, anew, hand }: Said) => {
      const which = current.current;
      const files = draft.now().files;
      if (now.saving.state !== "saved") await draft.flush();
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
      const goesOn = async (): Promise<{ out: Simulated; kept: Played[]; lines: Line[] }> => {
        if (!anew && talk)
          try {
            return { out: await ask(lines, talk.state), kept: played, lines };
          } catch (error) {
            if (!(error instanceof Problem) || error.code !== "simulation.state_unfit") throw error;
          }
        const all = [...(anew ? [] : linesIn(played)), ...lines];
        return { out: await ask(all, ""), kept: [], lines: all };
      };
      const on = await goesOn();
      if (hand) return { ...on, at, which, files };
      const { out, more } = await answerByStubs(files, on.out, [...linesIn(on.kept), ...on.lines], ask);
      return { ...on, out, lines: [...on.lines, ...more], at, which, files };
    },
    onSuccess({ out, kept, lines, at, which, files }) {
      if (which !== current.current) return; // an answer of a talk that is over
      setTalk(out);
      setOf(files);
      setPlayed([
        ...(out.began ? [{ line: { begin: at }, happened: out.began }] : []),
        ...kept,
        ...lines.map((line, place) => ({ line, happened: out.events[place] })),
      ]);
    },
  });
  const tell = (lines: Line[]) => simulate.mutate({ lines, at: place, anew: false, hand: byHand });
  const say = (line: Line) => tell([line]);
  const another = () => {
    current.current += 1;
    setTalks(current.current);
  };
  const restart = () => {
    another();
    setByHand(false);
    setPlayed([]);
    setTalk(undefined);
    simulate.reset();
  };
  /** The talk begins at its step at once; without one what is said first begins it. */
  const begin = (at: At) => {
    restart();
    if (at && errors === 0) simulate.mutate({ lines: [], at, anew: true, hand: false });
    box.current?.focus();
  };
  /** What was said is said again, to the bot as it is now; `upTo`: as far as there, where a call is answered otherwise. */
  const again = (upTo?: number) => {
    another();
    if (upTo !== undefined) setByHand(true);
    const lines = linesIn(played.slice(0, upTo));
    simulate.mutate({ lines, at: place, anew: true, hand: byHand || upTo !== undefined });
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
      <div className="flex items-center gap-1 border-b px-3 py-1.5">
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
          <TalkLine
            // biome-ignore lint/suspicious/noArrayIndexKey: what was played stays in its place
            key={place}
            {...each}
            traced={traced}
            {...(place === played.length - 1 ? { onSay: say } : {})}
          >
            <KeepAnswer
              draft={draft}
              files={now.files}
              line={each.line}
              busy={simulate.isPending}
              onOtherwise={() => again(place)}
            />
          </TalkLine>
        ))}
        {talk && (
          <Calls key={talks} draft={draft} files={now.files} talk={talk} actions={actions} onAnswer={tell} />
        )}
        {talk?.ended && talk.status === "idle" && (
          <p className="py-2 text-center text-muted-foreground text-xs">
            {t("simulator.ended", { flow: talk.ended.flow })}
            {talk.ended.error && <span className="block text-destructive">{talk.ended.error}</span>}
          </p>
        )}
        <ProblemNotice error={simulate.error} />
        {talk && !sameBot(of, now.files) && (
          <div className="flex flex-wrap items-center justify-center gap-1 text-muted-foreground text-xs">
            {t("simulator.before")}
            <Button
              size="sm"
              variant="ghost"
              busy={simulate.isPending}
              disabled={errors > 0}
              onClick={() => again()}
            >
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
            <dl className="mt-1 grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-3">
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

function linesIn(played: Played[]): Line[] {
  return played.map((each) => each.line).filter((line) => !("begin" in line));
}
