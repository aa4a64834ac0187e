/** A flow as text: what its steps are and where they stand, and splices of whole steps with the comments above them. */
import { isSeq, stringify } from "yaml";
import { blocksOf, joined } from "./blocks";
import { type Fault, type Reading, read, stepStarts } from "./reading";
import {
  breakOf,
  columnOf,
  insertItem,
  record,
  removeItem,
  SpliceRefused,
  setValue,
  swapItems,
  verify,
} from "./splice";

export type Step = {
  id: string;
  action: string;
  with: Record<string, unknown>;
  next: string | undefined;
  then: Record<string, string>;
  timeout: unknown;
  note: string;
  disabled: boolean;
};
export type Flow = {
  id: string;
  /** A text of the language: words, variants, or either by language. */
  title: unknown;
  triggers: Record<string, unknown>[];
  /** One whose text has not changed is the same as before. */
  steps: Step[];
  /** The line, counted from 1, on which each of them begins. */
  lines: number[];
  defaults: Record<string, string>;
  /** What keeps the text from being read; the rest is empty then. */
  fault: Fault | undefined;
};

const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(record(value)).map(([name, each]) => [name, String(each)]));

const flows = new WeakMap<Reading, Flow>();
const known = new WeakMap<object, Step>();

export function readFlow(text: string): Flow {
  const reading = read(text);
  const flow = flows.get(reading) ?? flowOf(text, reading);
  flows.set(reading, flow);
  return flow;
}

function flowOf(text: string, reading: Reading): Flow {
  const { fault } = reading;
  const empty = { id: "", title: undefined, triggers: [], steps: [], lines: [], defaults: {} };
  if (fault) return { ...empty, fault };
  const root = record(reading.value);
  const steps = Array.isArray(root.steps) ? root.steps.map(stepOf) : [];
  return {
    id: String(root.id ?? ""),
    title: root.title,
    triggers: Array.isArray(root.triggers) ? root.triggers.map(record) : [],
    steps,
    lines: steps.length === 0 ? [] : linesOf(text, stepStarts(reading)),
    defaults: texts(root.defaults),
    fault: undefined,
  };
}

function stepOf(value: unknown): Step {
  const step = record(value);
  const made = known.get(step) ?? {
    id: String(step.id ?? ""),
    action: String(step.action ?? ""),
    with: record(step.with),
    next: step.next === undefined ? undefined : String(step.next),
    then: texts(step.then),
    timeout: step.timeout,
    note: typeof step.note === "string" ? step.note : "",
    disabled: step.disabled === true,
  };
  known.set(step, made);
  return made;
}

/** The lines on which some places lie, which are given in order. */
function linesOf(text: string, places: number[]): number[] {
  let line = 1;
  let end = text.indexOf("\n");
  return places.map((place) => {
    for (; end >= 0 && end < place; end = text.indexOf("\n", end + 1)) line += 1;
    return line;
  });
}

/** The step that stands on a line; undefined: none stands there or above it. */
export function stepAt(flow: Flow, line: number): Step | undefined {
  return flow.steps[flow.lines.findLastIndex((each) => each <= line)];
}

/** The first step of a text, as it is; undefined where the text cannot be read. */
export function readStep(text: string): Record<string, unknown> | undefined {
  const { steps } = record(read(text).value);
  return Array.isArray(steps) ? record(steps[0]) : undefined;
}

/** Put a step behind another; undefined: first. Raises `SpliceRefused`. */
export function insertStep(text: string, after: string | undefined, step: Record<string, unknown>): string {
  const lines = stringify(step, { lineWidth: 0, indent: 2 }).trimEnd().split("\n");
  const block = lines.map((line, place) => (place === 0 ? "- " : "  ") + line);
  return insertLines(text, after, step, block);
}

/**
 * The same, as it stands elsewhere, with its comments: `lines` from `stepLines`. What it says is `step`. Raises
 * `SpliceRefused`.
 */
export function insertLines(
  text: string,
  after: string | undefined,
  step: Record<string, unknown>,
  lines: string[],
): string {
  const reading = read(text);
  if (reading.fault) throw new SpliceRefused(reading.fault.why);
  const before = record(reading.value);
  const steps = Array.isArray(before.steps) ? before.steps : [];
  const place = after === undefined ? 0 : steps.findIndex((each) => record(each).id === after) + 1;
  if (after !== undefined && place === 0) throw new SpliceRefused(`there is no step ${after}`);
  if (steps.length === 0 || inBrackets(reading)) return insertItem(text, ["steps"], place, step);
  const pad = " ".repeat(Math.max(columnOf(text, stepStarts(reading)[0] ?? 0) - 2, 0));
  const end = breakOf(text);
  const block = lines.map((line) => (line === "" ? line : pad + line)).join(end) + end;
  const blocks = blocksOf(text);
  const names = blocks.map((each) => each.name);
  const at = after === undefined ? names.indexOf("steps") : names.indexOf(`steps.${after}`);
  const last = blocks[at];
  if (!last) throw new SpliceRefused("there is no such step");
  // Where a blank line stands between steps, it stands here too; a step's own blank lines stay behind it.
  const spaced = blocks.some((each) => each.name.startsWith("steps.") && /\n\r?\n$/.test(each.text));
  const own = last.text.endsWith("\n") || last.text === "" ? last.text : last.text + end;
  const lead = spaced && after !== undefined && !/\n\r?\n$/.test(own) ? end : "";
  const tail = spaced && at < blocks.length - 1 && names[at + 1]?.startsWith("steps.") ? end : "";
  blocks[at] = { ...last, text: own + lead + block + tail };
  const spliced = joined(blocks);
  verify(spliced, { ...before, steps: steps.toSpliced(place, 0, step) });
  return spliced;
}

/** Steps as YAML, in the text's order, with the comments above them. */
export function stepsText(text: string, ids: readonly string[]): string {
  const blocks = blocksOf(text).filter((block) => block.name.startsWith("steps."));
  const given = record(read(text).value).steps;
  const steps = Array.isArray(given) ? given : [];
  // Steps in brackets have no lines of their own.
  const lines = (place: number) =>
    blocks.length === steps.length
      ? (blocks[place]?.text ?? "").replace(/(?<!\n)$/, "\n")
      : stringify([steps[place]], { lineWidth: 0, indent: 2 }).replace(/^(?=.)/gm, "  ");
  return steps.map((step, place) => (ids.includes(String(record(step).id)) ? lines(place) : "")).join("");
}

/**
 * The steps of a text that holds nothing else, each as lines without blank ones around them, the dash in the first
 * column. Undefined: they have no lines of their own.
 */
export function stepLines(steps: string): string[][] | undefined {
  const [head, ...blocks] = blocksOf(`steps:\n${steps}`);
  if (head?.text !== "steps:\n" || blocks.some((block) => !block.name.startsWith("steps."))) return undefined;
  return blocks.map(({ text }) => {
    const lines = text.trimEnd().split(/\r?\n/);
    const dash = lines.find((line) => !/^\s*(#|$)/.test(line)) ?? "";
    const column = dash.length - dash.trimStart().length;
    return lines.map((line) => (line.slice(0, column).trim() === "" ? line.slice(column) : line.trimStart()));
  });
}

/** Take a step out, with the comments above it. Raises `SpliceRefused`. */
export function removeStep(text: string, id: string): string {
  const reading = read(text);
  const before = record(reading.value);
  const steps = Array.isArray(before.steps) ? before.steps : [];
  const place = steps.findIndex((each) => record(each).id === id);
  if (place < 0) throw new SpliceRefused(`there is no step ${id}`);
  if (steps.length === 1) return setValue(text, ["steps"], []);
  if (inBrackets(reading)) return removeItem(text, ["steps"], place);
  const blocks = blocksOf(text);
  const at = blocks.findIndex((each) => each.name === `steps.${id}`);
  const spliced = joined(blocks.filter((_, place) => place !== at));
  verify(spliced, { ...before, steps: steps.toSpliced(place, 1) });
  return spliced;
}

function inBrackets({ main }: Reading): boolean {
  const nodes = main.part.document.get("steps");
  return isSeq(nodes) && nodes.flow === true;
}

/** Move a step by places up or down. Raises `SpliceRefused`. */
export function moveStep(text: string, id: string, by: -1 | 1): string {
  const reading = read(text);
  if (inBrackets(reading)) {
    const { steps } = readFlow(text);
    const place = steps.findIndex((step) => step.id === id);
    return place < 0 || !steps[place + by] ? text : swapItems(text, ["steps"], place, place + by);
  }
  const blocks = blocksOf(text);
  const at = blocks.findIndex((each) => each.name === `steps.${id}`);
  const to = at + by;
  const [one, other] = [blocks[at], blocks[to]];
  if (!one || !other?.name.startsWith("steps.")) return text;
  const end = breakOf(text);
  // What is last in the file may lack its line's end, and the blank lines between the two stay between them.
  const [upper, lower] = by === 1 ? [other, one] : [one, other];
  const tail = /(\r?\n)*$/.exec((by === 1 ? one : other).text)?.[0] ?? "";
  const last = /(\r?\n)*$/.exec((by === 1 ? other : one).text)?.[0] ?? "";
  const bare = (block: string) => block.replace(/(\r?\n)*$/, "");
  const first = Math.min(at, to);
  blocks[first] = { ...upper, text: bare(upper.text) + (tail === "" ? end : tail) };
  blocks[first + 1] = { ...lower, text: bare(lower.text) + last };
  const spliced = joined(blocks);
  const before = record(reading.value);
  const steps = [...(before.steps as unknown[])];
  const place = steps.findIndex((each) => record(each).id === id);
  const moved = steps.splice(place, 1);
  steps.splice(place + by, 0, ...moved);
  verify(spliced, { ...before, steps });
  return spliced;
}

/** Give a step another id, and lead all that led to it there. Raises `SpliceRefused`. */
export function renameStep(text: string, from: string, to: string): string {
  const flow = readFlow(text);
  const place = flow.steps.findIndex((step) => step.id === from);
  if (place < 0) throw new SpliceRefused(`there is no step ${from}`);
  let spliced = setValue(text, ["steps", place, "id"], to);
  for (const [at, step] of flow.steps.entries()) {
    if (step.next === from) spliced = setValue(spliced, ["steps", at, "next"], to);
    for (const [outcome, target] of Object.entries(step.then))
      if (target === from) spliced = setValue(spliced, ["steps", at, "then", outcome], to);
  }
  for (const [outcome, target] of Object.entries(flow.defaults))
    if (target === from) spliced = setValue(spliced, ["defaults", outcome], to);
  return spliced;
}

/** The outcomes that a flow leads to some steps where its steps do not name them. */
export function defaultsTo(flow: Flow, ids: readonly string[]): string[] {
  return Object.keys(flow.defaults).filter((outcome) => ids.includes(flow.defaults[outcome] ?? ""));
}

/** The steps that lead to some others, which are not among them. */
export function leadingTo(flow: Flow, ids: readonly string[]): string[] {
  const leads = (to: string | undefined) => to !== undefined && ids.includes(to);
  return flow.steps
    .filter((step) => !ids.includes(step.id) && (leads(step.next) || Object.values(step.then).some(leads)))
    .map((step) => step.id);
}

/** An id that no step has yet. */
export function freshId(flow: Flow, wanted: string): string {
  const taken = new Set(flow.steps.map((step) => step.id));
  if (!taken.has(wanted)) return wanted;
  for (let count = 2; ; count += 1) if (!taken.has(`${wanted}_${count}`)) return `${wanted}_${count}`;
}
