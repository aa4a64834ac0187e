/** Steps from the clipboard put into a flow: with fresh ids, their inner links kept, and their comments. */
import { parse } from "yaml";
import { fileOfFlow } from "./flow-files";
import { type Flow, freshId, insertLines, insertStep, readFlow, type Step, stepLines } from "./flow-text";
import { SpliceRefused, setValue } from "./splice";

type Made = Record<string, unknown> & { id: string };
export type Pasted = { text: string; steps: Made[] };

/** Behind a step; undefined: behind the last. Undefined: the clipboard holds no steps. Raises `SpliceRefused`. */
export function pasted(text: string, clipboard: string, after: string | undefined): Pasted | undefined {
  const given = stepsIn(clipboard);
  if (given.length === 0) return undefined;
  const flow = readFlow(text);
  const fresh = freshIds(flow, given);
  const steps = given.map((step) => ({ ...relinked(step, fresh), id: fresh.get(step) ?? step.id }));
  const lines = commented(clipboard, given, steps);
  let behind = after ?? flow.steps.at(-1)?.id;
  let longer = text;
  for (const [place, step] of steps.entries()) {
    longer = asItStands(longer, behind, step, lines?.[place]);
    behind = step.id;
  }
  return { text: longer, steps };
}

/** Steps and flows that what was pasted names, and that are not here. */
export function unknownIn(
  steps: Made[],
  known: Set<string>,
  files: Readonly<Record<string, string>>,
): string[] {
  const unknown = new Set<string>();
  for (const step of steps) {
    const then = typeof step.then === "object" && step.then !== null ? Object.values(step.then) : [];
    for (const target of [step.next, ...then])
      if (typeof target === "string" && target !== "stop" && !known.has(target)) unknown.add(target);
    const called = (step.with as { flow?: unknown } | undefined)?.flow;
    if (typeof called === "string" && fileOfFlow(files, called) === undefined) unknown.add(called);
  }
  return [...unknown];
}

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

/** The lines of each step, with what was changed in it. Undefined: they have none of their own, or cannot be changed. */
function commented(clipboard: string, given: Made[], steps: Made[]): string[][] | undefined {
  const head = "steps:\n";
  try {
    let text = head + clipboard;
    for (const [place, step] of steps.entries()) {
      const was = given[place] as Made;
      const set = (path: string[], to: unknown, from: unknown) => {
        if (to !== from) text = setValue(text, ["steps", place, ...path], to);
      };
      set(["id"], step.id, was.id);
      set(["next"], step.next, was.next);
      for (const [outcome, to] of Object.entries((step.then ?? {}) as Record<string, unknown>))
        set(["then", outcome], to, (was.then as Record<string, unknown>)[outcome]);
    }
    const lines = stepLines(text.slice(head.length));
    return lines?.length === steps.length ? lines : undefined;
  } catch (error) {
    if (!(error instanceof SpliceRefused)) throw error;
    return undefined;
  }
}

function asItStands(
  text: string,
  behind: string | undefined,
  step: Made,
  lines: string[] | undefined,
): string {
  if (lines === undefined) return insertStep(text, behind, step);
  try {
    return insertLines(text, behind, step, lines);
  } catch (error) {
    if (!(error instanceof SpliceRefused)) throw error;
    return insertStep(text, behind, step); // what stands there in a way that depends on its place is written anew
  }
}
