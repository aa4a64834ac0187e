/** What canvas, outline and form do to a flow: each is one splice, and one undo. */
import { parse } from "yaml";
import { toast } from "../ui/toast";
import { blocksOf } from "./blocks";
import type { Draft } from "./draft";
import {
  freshId,
  insertStep,
  moveStep,
  type Path,
  readFlow,
  removeStep,
  renameStep,
  SpliceRefused,
  setValue,
} from "./flow-text";
import { readLayout, writeLayout } from "./layout";
import type { Action } from "./outcomes";

export type Acts = ReturnType<typeof actsOn>;

/** `refused`: what is said where the text cannot be changed without touching more than was meant. */
export function actsOn(draft: Draft, path: string, refused: string) {
  const text = () => draft.now().files[path] ?? "";
  const flow = () => readFlow(text());
  const placeOf = (id: string) => flow().steps.findIndex((step) => step.id === id);

  function splice(change: (text: string) => string, typing = false): boolean {
    try {
      draft.edit({ [path]: change(text()) }, typing);
      return true;
    } catch (error) {
      if (!(error instanceof SpliceRefused)) throw error;
      toast.problem({ title: refused, detail: error.message });
      return false;
    }
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
          true,
        )
      );
    },
    /** Before somebody else's changes come in, `write` puts what is being typed into the text. */
    typing: draft.typing,
    /** Lead an outcome to a step; "" is what no outcome names, undefined: nowhere in particular. */
    connect(id: string, outcome: string, to: string | undefined): boolean {
      return this.set(id, outcome === "" ? ["next"] : ["then", outcome], to);
    },
    /** Gives the new step's id. */
    add(action: Action, after: string | undefined): string | undefined {
      const there = flow();
      const id = freshId(there, action.name);
      const behind = after ?? there.steps.at(-1)?.id;
      return splice((before) => insertStep(before, behind, { id, action: action.name, ...exampleOf(action) }))
        ? id
        : undefined;
    },
    duplicate(id: string): string | undefined {
      const step = (parse(text()) as { steps: Record<string, unknown>[] }).steps[placeOf(id)];
      if (!step) return undefined;
      const fresh = freshId(flow(), id);
      return splice((before) => insertStep(before, id, { ...step, id: fresh })) ? fresh : undefined;
    },
    /** Gives what takes it back. */
    remove(id: string): (() => void) | undefined {
      try {
        return draft.edit({ [path]: removeStep(text(), id) });
      } catch (error) {
        if (!(error instanceof SpliceRefused)) throw error;
        toast.problem({ title: refused, detail: error.message });
        return undefined;
      }
    },
    move: (id: string, by: -1 | 1) => splice((before) => moveStep(before, id, by)),
    rename: (id: string, to: string) => splice((before) => renameStep(before, id, to)),
    /** The step as YAML, for the clipboard. */
    copied(id: string): string {
      return blocksOf(text()).find((block) => block.name === `steps.${id}`)?.text ?? "";
    },
    /** Steps from the clipboard, with fresh ids, behind a step. Gives the last one's id; undefined: they are none. */
    paste(yaml: string, after: string | undefined): string | undefined {
      const steps = stepsIn(yaml);
      if (steps.length === 0) return undefined;
      let last = after ?? flow().steps.at(-1)?.id;
      splice((before) => {
        let pasted = before;
        const fresh = new Map<string, string>();
        for (const step of steps) fresh.set(String(step.id), freshId(readFlow(pasted), String(step.id)));
        for (const step of steps) {
          const id = fresh.get(String(step.id)) ?? String(step.id);
          pasted = insertStep(pasted, last, { ...relinked(step, fresh), id });
          last = id;
        }
        return pasted;
      });
      return last;
    },
    /** Where cards were moved by hand; undefined: tidied, they stand as the text has them. */
    moved(flowId: string, points: Record<string, [number, number]> | undefined): void {
      const { [flowId]: before, ...others } = readLayout(draft.now().files["layout.json"]);
      const layout = points === undefined ? others : { ...others, [flowId]: { ...before, ...points } };
      draft.edit({ "layout.json": Object.keys(layout).length === 0 ? undefined : writeLayout(layout) });
    },
  };
}

function stepsIn(yaml: string): Record<string, unknown>[] {
  try {
    const read: unknown = parse(yaml);
    const all = Array.isArray(read) ? read : [read];
    return all.filter(
      (each): each is Record<string, unknown> =>
        typeof each === "object" && each !== null && "id" in each && "action" in each,
    );
  } catch {
    return [];
  }
}

/** Links among what is pasted together lead to the new ids. */
function relinked(step: Record<string, unknown>, fresh: Map<string, string>): Record<string, unknown> {
  const to = (target: unknown) => (typeof target === "string" ? (fresh.get(target) ?? target) : target);
  const then = step.then;
  return {
    ...step,
    ...(step.next === undefined ? {} : { next: to(step.next) }),
    ...(typeof then === "object" && then !== null
      ? { then: Object.fromEntries(Object.entries(then).map(([outcome, target]) => [outcome, to(target)])) }
      : {}),
  };
}

/** What a new step begins with: the example that the action's description ends with. */
function exampleOf(action: Action): { with?: unknown } {
  const [, yaml] = action.description.split(/^Example:$/m);
  if (yaml === undefined) return {};
  try {
    const read = parse(yaml) as { with?: unknown } | null;
    return read?.with === undefined ? {} : { with: read.with };
  } catch {
    return {};
  }
}
