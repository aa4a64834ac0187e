/** What canvas, outline and form do to a flow: each is one splice, and one undo. */
import { parse } from "yaml";
import { toast } from "../ui/toast";
import { type Offers, offersIn } from "./completing";
import type { Draft } from "./draft";
import {
  freshId,
  insertStep,
  moveStep,
  readFlow,
  removeStep,
  renameStep,
  type Step,
  stepsText,
} from "./flow-text";
import { languagesOf } from "./languages";
import { type Layout, type Open, type Point, readLayout, type Way, writeLayout } from "./layout";
import { listing, makeFlow } from "./make-flow";
import type { Action } from "./outcomes";
import { pasted, unknownIn } from "./pasting";
import type { Path } from "./reading";
import { insertItem, removeItem, SpliceRefused, setValue } from "./splice";
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
      told(error);
      return false;
    }
  }

  function told(error: unknown): undefined {
    if (!(error instanceof SpliceRefused)) throw error;
    toast.problem({ title: refused, detail: error.message });
  }

  function standing(flowId: string, points: Record<string, [number, number]>) {
    const { [flowId]: before, ...others } = readLayout(draft.now().files["layout.json"]);
    return written({ ...others, [flowId]: { ...before, ...points } });
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
    /** What can be written in a value of the flow, behind `before`. */
    complete(at: Path, before: string, signal: AbortSignal): Promise<Offers> {
      return offersIn(draft.bot, path, text(), at, before, signal);
    },
    /** Before somebody else's changes come in, `write` puts what is being typed into the text. */
    typing: draft.typing,
    /** Values of the flow itself, by their paths; undefined takes one out. */
    setFlow(values: [Path, unknown][]): boolean {
      return splice((before) => values.reduce((all, [at, value]) => setValue(all, at, value), before), {
        typing: true,
      });
    },
    addTrigger(trigger: Record<string, unknown>): boolean {
      return splice((before) => insertItem(before, ["triggers"], undefined, trigger));
    },
    /** Gives what takes it back. */
    removeTrigger(place: number): (() => void) | undefined {
      try {
        return draft.edit({ [path]: removeItem(text(), ["triggers"], place) });
      } catch (error) {
        return told(error);
      }
    },
    /** The flow for what nothing else takes. */
    setFallback(name: string | undefined): void {
      try {
        draft.edit({ "bot.yaml": setValue(bot(), ["fallback"], name) });
      } catch (error) {
        told(error);
      }
    },
    /** Lead an outcome to a step; "" is what no outcome names, undefined: nowhere in particular. */
    connect(id: string, outcome: string, to: string | undefined): boolean {
      return this.set(id, outcome === "" ? ["next"] : ["then", outcome], to);
    },
    /** A new step, behind one, on a way or behind an outcome, and where its card stands. Gives its id. */
    add(action: Action, place: Place, openOf: OpenOf): string | undefined {
      const there = flow();
      const id = freshId(there, action.name === "stop" ? "end" : action.name); // no step may be called stop
      const made = {
        id,
        action: action.name,
        ...exampleOf(action, languagesOf(bot())),
        ...again(action, id),
      };
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
      return this.paste(this.copied([id]), id, undefined)?.ids[0];
    },
    /** All in one undo. Gives what takes it back. */
    remove(ids: string[]): (() => void) | undefined {
      try {
        return draft.edit({ [path]: ids.reduce(removeStep, text()) });
      } catch (error) {
        return told(error);
      }
    },
    move: (id: string, by: -1 | 1) => splice((before) => moveStep(before, id, by)),
    rename: (id: string, to: string) => splice((before) => renameStep(before, id, to)),
    /** Steps as YAML, in the text's order, for the clipboard. */
    copied: (ids: string[]): string => stepsText(text(), ids),
    /** Steps from the clipboard, with fresh ids, behind a step, the first card at a point. Undefined: they are none. */
    paste(yaml: string, after: string | undefined, at: Point | undefined): Pasted | undefined {
      try {
        const longer = pasted(text(), yaml, after);
        if (!longer) return undefined;
        const ids = longer.steps.map((step) => step.id);
        const points = at && below(ids, at);
        draft.edit({ [path]: longer.text, ...(points ? standing(flow().id, points) : {}) });
        const known = new Set(flow().steps.map((step) => step.id));
        return { ids, unknown: unknownIn(longer.steps, known, draft.now().files) };
      } catch (error) {
        return told(error);
      }
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
        return told(error);
      }
    },
    /** Where cards were moved by hand. */
    moved(flowId: string, points: Record<string, [number, number]>): void {
      draft.edit(standing(flowId, points));
    },
    /** These cards, or all, stand again as the text has them. */
    tidy(flowId: string, ids: readonly string[] | undefined): void {
      const { [flowId]: before = {}, ...others } = readLayout(draft.now().files["layout.json"]);
      const kept = Object.entries(before).filter(([id]) => ids !== undefined && !ids.includes(id));
      const layout = kept.length === 0 ? others : { ...others, [flowId]: Object.fromEntries(kept) };
      draft.edit(written(layout));
    },
  };
}

function written(layout: Layout) {
  return { "layout.json": Object.keys(layout).length === 0 ? undefined : writeLayout(layout) };
}

/** Cards one below the other. */
function below(ids: string[], at: Point): Record<string, [number, number]> {
  return Object.fromEntries(
    ids.map((id, place): [string, [number, number]] => [
      id,
      [Math.round(at.x), Math.round(at.y) + place * BELOW],
    ]),
  );
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

/** What it has to send somewhere comes back to it, as a menu asks again what was not understood: no new step is wrong. */
function again({ outcomes }: Action, id: string): { then?: Record<string, string> } {
  if (outcomes.must_map.length === 0) return {};
  return { then: Object.fromEntries(outcomes.must_map.map((outcome) => [outcome, id])) };
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
