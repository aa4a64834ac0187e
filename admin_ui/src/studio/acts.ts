/** What canvas, outline and form do to a flow: each is one splice, and one undo. */
import { parse } from "yaml";
import { toast } from "../ui/toast";
import { blocksOf } from "./blocks";
import type { Draft } from "./draft";
import {
  type Flow,
  freshId,
  insertStep,
  moveStep,
  type Path,
  readFlow,
  removeStep,
  renameStep,
  SpliceRefused,
  type Step,
  setValue,
} from "./flow-text";
import { languagesOf } from "./languages";
import { type Open, type Point, readLayout, type Way, writeLayout } from "./layout";
import { listing, makeFlow } from "./make-flow";
import type { Action } from "./outcomes";
import { addBehind, insertOnWay } from "./weave";

export type Acts = ReturnType<typeof actsOn>;
/** `unknown`: steps and flows that it names and that are not here. */
export type Pasted = { ids: string[]; unknown: string[] };
export type OpenOf = (step: Step) => Open;
/** Where a new step goes: on a way, behind an outcome that led nowhere, or behind a step (else: last). */
export type Place = {
  way?: Way | undefined;
  from?: { id: string; outcome: string } | undefined;
  after?: string | undefined;
  at?: Point | undefined;
};

const BELOW = 140; // from card to card of what is pasted at a point

/** `refused`: what is said where the text cannot be changed without touching more than was meant. */
export function actsOn(draft: Draft, path: string, refused: string) {
  const text = () => draft.now().files[path] ?? "";
  const bot = () => draft.now().files["bot.yaml"] ?? "";
  const flow = () => readFlow(text());
  const placeOf = (id: string) => flow().steps.findIndex((step) => step.id === id);

  /** `points`: where cards stand after it; one undo with the change. `typing`: joins what was typed just before. */
  function splice(
    change: (text: string) => string,
    { points, typing }: { points?: Record<string, [number, number]> | undefined; typing?: boolean } = {},
  ): boolean {
    try {
      draft.edit({ [path]: change(text()), ...(points ? standing(flow().id, points) : {}) }, typing ?? false);
      return true;
    } catch (error) {
      if (!(error instanceof SpliceRefused)) throw error;
      toast.problem({ title: refused, detail: error.message });
      return false;
    }
  }

  function standing(flowId: string, points: Record<string, [number, number]> | undefined) {
    const { [flowId]: before, ...others } = readLayout(draft.now().files["layout.json"]);
    const layout = points === undefined ? others : { ...others, [flowId]: { ...before, ...points } };
    return { "layout.json": Object.keys(layout).length === 0 ? undefined : writeLayout(layout) };
  }

  return {
    /** A value of a step, by its path in it; undefined takes it out. */
    set(id: string, at: Path, value: unknown): boolean {
      const place = placeOf(id);
      return place >= 0 && splice((before) => setValue(before, ["steps", place, ...at], value));
    },
    /** What is typed into a form: several at once, and one undo as long as it goes on. */
    setAll(id: string, values: [Path, unknown][]): boolean {
      const place = placeOf(id);
      return (
        place >= 0 &&
        splice(
          (before) =>
            values.reduce((all, [at, value]) => setValue(all, ["steps", place, ...at], value), before),
          { typing: true },
        )
      );
    },
    /** Before somebody else's changes come in, `write` puts what is being typed into the text. */
    typing: draft.typing,
    /** Lead an outcome to a step; "" is what no outcome names, undefined: nowhere in particular. */
    connect(id: string, outcome: string, to: string | undefined): boolean {
      return this.set(id, outcome === "" ? ["next"] : ["then", outcome], to);
    },
    /** A new step, behind one, on a way or behind an outcome, and where its card stands. Gives its id. */
    add(action: Action, place: Place, openOf: OpenOf): string | undefined {
      const there = flow();
      const id = freshId(there, action.name === "stop" ? "end" : action.name); // no step may be called stop
      const made = { id, action: action.name, ...exampleOf(action, languagesOf(bot())) };
      const change = (before: string) => {
        if (place.way) return insertOnWay(before, place.way, made, openOf);
        if (place.from) return addBehind(before, place.from.id, place.from.outcome, made, openOf);
        return insertStep(before, place.after ?? there.steps.at(-1)?.id, made);
      };
      return splice(change, {
        points: place.at && { [id]: [Math.round(place.at.x), Math.round(place.at.y)] },
      })
        ? id
        : undefined;
    },
    duplicate(id: string): string | undefined {
      const step = (parse(text()) as { steps: Record<string, unknown>[] }).steps[placeOf(id)];
      if (!step) return undefined;
      const fresh = freshId(flow(), id);
      return splice((before) => insertStep(before, id, { ...step, id: fresh })) ? fresh : undefined;
    },
    /** All in one undo. Gives what takes it back. */
    remove(ids: string[]): (() => void) | undefined {
      try {
        return draft.edit({ [path]: ids.reduce(removeStep, text()) });
      } catch (error) {
        if (!(error instanceof SpliceRefused)) throw error;
        toast.problem({ title: refused, detail: error.message });
        return undefined;
      }
    },
    move: (id: string, by: -1 | 1) => splice((before) => moveStep(before, id, by)),
    rename: (id: string, to: string) => splice((before) => renameStep(before, id, to)),
    /** Steps as YAML, in the text's order, for the clipboard. */
    copied(ids: string[]): string {
      const names = new Set(ids.map((id) => `steps.${id}`));
      return blocksOf(text())
        .filter((block) => names.has(block.name))
        .map((block) => (block.text.endsWith("\n") ? block.text : `${block.text}\n`))
        .join("");
    },
    /** Steps from the clipboard, with fresh ids, behind a step, the first card at a point. Undefined: they are none. */
    paste(yaml: string, after: string | undefined, at: Point | undefined): Pasted | undefined {
      const steps = stepsIn(yaml);
      if (steps.length === 0) return undefined;
      const there = flow();
      const fresh = freshIds(there, steps);
      const made = steps.map((step) => ({ ...relinked(step, fresh), id: fresh.get(step) ?? step.id }));
      let behind = after ?? there.steps.at(-1)?.id;
      const points: Record<string, [number, number]> = {};
      if (at)
        for (const [place, { id }] of made.entries())
          points[id] = [Math.round(at.x), Math.round(at.y) + place * BELOW];
      const done = splice(
        (before) =>
          made.reduce((pasted, step) => {
            const longer = insertStep(pasted, behind, step);
            behind = step.id;
            return longer;
          }, before),
        { points: at && points },
      );
      if (!done) return undefined;
      const known = new Set([...there.steps, ...made].map((step) => step.id));
      return { ids: made.map((step) => step.id), unknown: unknownIn(made, known, draft.now().files) };
    },
    /** The steps become a flow of that name, and a call stands for them: one undo. Gives the call. Raises `NoFlow`. */
    makeFlow(ids: string[], name: string, openOf: OpenOf): string | undefined {
      try {
        const { rest, made, call } = makeFlow(text(), ids, name, openOf);
        draft.edit({
          [path]: rest,
          [`flows/${name}.yaml`]: made,
          ...(bot() === "" ? {} : { "bot.yaml": listing(bot(), name) }),
        });
        return call;
      } catch (error) {
        if (!(error instanceof SpliceRefused)) throw error;
        toast.problem({ title: refused, detail: error.message });
        return undefined;
      }
    },
    /** Where cards were moved by hand; undefined: tidied, they stand as the text has them. */
    moved(flowId: string, points: Record<string, [number, number]> | undefined): void {
      draft.edit(standing(flowId, points));
    },
  };
}

type Made = Record<string, unknown> & { id: string };

function stepsIn(yaml: string): Made[] {
  try {
    const read: unknown = parse(yaml);
    const all = Array.isArray(read) ? read : [read];
    return all
      .filter(
        (each): each is Record<string, unknown> =>
          typeof each === "object" && each !== null && "id" in each && "action" in each,
      )
      .map((each) => ({ ...each, id: String(each.id) }));
  } catch {
    return [];
  }
}

/** An id for each that neither the flow nor another of them has. */
function freshIds(flow: Flow, steps: Made[]): Map<Made, string> {
  const taken = [...flow.steps];
  const fresh = new Map<Made, string>();
  for (const step of steps) {
    const id = freshId({ ...flow, steps: taken }, step.id);
    fresh.set(step, id);
    taken.push({ id } as Step);
  }
  return fresh;
}

/** Links among what is pasted together lead to the new ids. */
function relinked(step: Made, fresh: Map<Made, string>): Record<string, unknown> {
  const ids = new Map([...fresh].map(([each, id]) => [each.id, id]));
  const to = (target: unknown) => (typeof target === "string" ? (ids.get(target) ?? target) : target);
  const then = step.then;
  return {
    ...step,
    ...(step.next === undefined ? {} : { next: to(step.next) }),
    ...(typeof then === "object" && then !== null
      ? { then: Object.fromEntries(Object.entries(then).map(([outcome, target]) => [outcome, to(target)])) }
      : {}),
  };
}

/** Steps and flows that what was pasted names, and that are not here. */
function unknownIn(steps: Made[], known: Set<string>, files: Readonly<Record<string, string>>): string[] {
  const unknown = new Set<string>();
  for (const step of steps) {
    const then = typeof step.then === "object" && step.then !== null ? Object.values(step.then) : [];
    for (const target of [step.next, ...then])
      if (typeof target === "string" && target !== "stop" && !known.has(target)) unknown.add(target);
    const called = (step.with as { flow?: unknown } | undefined)?.flow;
    if (typeof called === "string" && !(`flows/${called}.yaml` in files)) unknown.add(called);
  }
  return [...unknown];
}

/** What a new step begins with: the example that the action's description ends with, in the bot's languages. */
function exampleOf(action: Action, languages: string[]): { with?: unknown } {
  const [, yaml] = action.description.split(/^Example:$/m);
  if (yaml === undefined) return {};
  try {
    const read = parse(yaml) as { with?: unknown } | null;
    return read?.with === undefined ? {} : { with: spoken(read.with, languages) };
  } catch {
    return {};
  }
}

const EXAMPLES_SPEAK = ["en", "it"];

function spoken(value: unknown, languages: string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => spoken(each, languages));
  if (typeof value !== "object" || value === null) return value;
  const map = value as Record<string, unknown>;
  if (!EXAMPLES_SPEAK.every((language) => typeof map[language] === "string"))
    return Object.fromEntries(Object.entries(map).map(([name, each]) => [name, spoken(each, languages)]));
  const known = languages.filter((language) => EXAMPLES_SPEAK.includes(language));
  return languages.length < 2 || known.length === 0
    ? map[known[0] ?? "en"]
    : Object.fromEntries(known.map((language) => [language, map[language]]));
}
