/**
 * A flow as text: what its steps are and where they stand, and splices that change one value or one step and leave
 * every other byte as it was. After each splice the text is read again: it may differ only where it was meant to.
 */
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  stringify,
  type YAMLMap,
} from "yaml";
import { blocksOf, joined } from "./blocks";

export type Step = {
  id: string;
  action: string;
  with: Record<string, unknown>;
  next: string | undefined;
  then: Record<string, string>;
  timeout: unknown;
  note: string;
  disabled: boolean;
  /** The line, counted from 1, on which it begins. */
  line: number;
};
export type Flow = {
  id: string;
  steps: Step[];
  defaults: Record<string, string>;
  /** What keeps the text from being read; the rest is empty then. */
  fault: { why: string; line: number } | undefined;
};
export type Path = (string | number)[];

/** The text could not be changed so that only what was meant differs: it has to be done in the text itself. */
export class SpliceRefused extends Error {
  override readonly name = "SpliceRefused";
}

const WIDE = 90;

function read(text: string): { document: Document.Parsed; lines: LineCounter } {
  const lines = new LineCounter();
  return {
    document: parseDocument(text, { version: "1.2", lineCounter: lines, keepSourceTokens: true }),
    lines,
  };
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(record(value)).map(([name, each]) => [name, String(each)]));

export function readFlow(text: string): Flow {
  const { document, lines } = read(text);
  const [error] = document.errors;
  const empty = { id: "", steps: [], defaults: {} };
  if (error)
    return {
      ...empty,
      fault: { why: error.message.split("\n", 1)[0] ?? "", line: error.linePos?.[0].line ?? 1 },
    };
  const root = record(document.toJS());
  const nodes = document.get("steps");
  const steps = (Array.isArray(root.steps) ? root.steps : []).map((each, place): Step => {
    const step = record(each);
    const node = isSeq(nodes) ? (nodes.items[place] as Node | undefined) : undefined;
    return {
      id: String(step.id ?? ""),
      action: String(step.action ?? ""),
      with: record(step.with),
      next: step.next === undefined ? undefined : String(step.next),
      then: texts(step.then),
      timeout: step.timeout,
      note: typeof step.note === "string" ? step.note : "",
      disabled: step.disabled === true,
      line: node?.range ? lines.linePos(node.range[0]).line : 1,
    };
  });
  return { id: String(root.id ?? ""), steps, defaults: texts(root.defaults), fault: undefined };
}

/** The first step of a text, as it is; undefined where the text cannot be read. */
export function readStep(text: string): Record<string, unknown> | undefined {
  const { document } = read(text);
  if (document.errors.length > 0) return undefined;
  const { steps } = record(document.toJS());
  return Array.isArray(steps) ? record(steps[0]) : undefined;
}

/**
 * Set one value by its path from the document's root; undefined takes it out, and what is left empty by that (but for
 * `with`). Raises `SpliceRefused`.
 */
export function setValue(text: string, path: Path, value: unknown): string {
  const { document } = read(text);
  if (document.errors.length > 0) throw new SpliceRefused(document.errors[0]?.message);
  const before = document.toJS() as unknown;
  const spliced =
    value === undefined
      ? removed(text, document, path)
      : applied(text, [written(text, document, path, value)]);
  const meant = value === undefined ? without(before, path) : within(before, path, value);
  verify(spliced, meant);
  return spliced;
}

/** Set several values, of which none lies in another, at once. Raises `SpliceRefused`. */
export function setValues(text: string, values: [Path, unknown][]): string {
  const { document } = read(text);
  if (document.errors.length > 0) throw new SpliceRefused(document.errors[0]?.message);
  const spliced = applied(
    text,
    values.map(([path, value]) => written(text, document, path, value)),
  );
  const meant = values.reduce<unknown>((all, [path, value]) => within(all, path, value), document.toJS());
  try {
    verify(spliced, meant);
    return spliced;
  } catch (error) {
    if (!(error instanceof SpliceRefused) || values.length < 2) throw error;
    // Two that begin in one empty place need each other's: one after the other.
    return values.reduce((all, [path, value]) => setValue(all, path, value), text);
  }
}

/** What stands from one place to another gives way to something else. */
export type Splice = { from: number; to: number; put: string };

/** Those that begin at one place stand in the order in which they are given. */
export function applied(text: string, splices: Splice[]): string {
  const backwards = [...splices].reverse().sort((one, other) => other.from - one.from);
  return backwards.reduce((all, { from, to, put }) => all.slice(0, from) + put + all.slice(to), text);
}

export function verify(text: string, meant: unknown): void {
  const { document } = read(text);
  const [error] = document.errors;
  if (error) throw new SpliceRefused(error.message);
  if (!same(document.toJS(), meant)) throw new SpliceRefused("the text would differ elsewhere too");
}

function written(text: string, document: Document.Parsed, path: Path, value: unknown): Splice {
  let node: unknown = document.contents;
  for (const [depth, key] of path.entries()) {
    if (isSeq(node) && typeof key === "number") {
      const item = node.items[key] as Node | undefined;
      if (depth === path.length - 1 && item?.range)
        return { from: item.range[0], to: trimmed(text, item.range[0], item.range[1]), put: flowText(value) };
      node = item;
      continue;
    }
    if (!isMap(node)) throw new SpliceRefused(`${path.slice(0, depth).join(".")} is no map`);
    const pair = pairOf(node, String(key));
    if (pair === undefined) {
      const rest = path
        .slice(depth + 1)
        .reduceRight<unknown>((inner, name) => ({ [String(name)]: inner }), value);
      return added(text, node, String(key), rest);
    }
    if (depth === path.length - 1) return replaced(text, node, pair, value);
    if (!isMap(pair.value) && !isSeq(pair.value)) {
      const rest = path
        .slice(depth + 1)
        .reduceRight<unknown>((inner, name) => ({ [String(name)]: inner }), value);
      return replaced(text, node, pair, rest);
    }
    node = pair.value;
  }
  throw new SpliceRefused("there is nothing at that place");
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

function replaced(text: string, map: YAMLMap, pair: Pair, value: unknown): Splice {
  const key = pair.key as Scalar;
  const node = pair.value as Node | null;
  const colon = text.indexOf(":", (key.range as [number, number, number])[1]);
  if (node?.range && node.range[1] > node.range[0]) {
    const start = node.range[0];
    const end = trimmed(text, start, node.range[1]);
    const inline =
      map.flow === true || isScalar(node) || (isMap(node) || isSeq(node) ? node.flow === true : false);
    const shown = show(value, map.flow === true, columnOf(text, (key.range as [number, number, number])[0]));
    if (!shown.block && !inline) {
      return { from: colon + 1, to: end, put: ` ${shown.text}` };
    }
    if (shown.block) return { from: colon + 1, to: end, put: shown.text };
    return { from: start, to: end, put: shown.text };
  }
  const shown = show(value, map.flow === true, columnOf(text, (key.range as [number, number, number])[0]));
  return { from: colon + 1, to: colon + 1, put: shown.block ? shown.text : ` ${shown.text}` };
}

function added(text: string, map: YAMLMap, key: string, value: unknown): Splice {
  const range = map.range as [number, number, number];
  const name = scalar(key);
  if (map.flow) {
    const close = text.lastIndexOf("}", range[1] - 1);
    const inside = text.slice(range[0] + 1, close).trimEnd();
    const at = range[0] + 1 + inside.length;
    const comma = inside.trim() === "" || inside.endsWith(",") ? "" : ", ";
    return { from: at, to: at, put: `${comma}${name}: ${show(value, true, 0).text}` };
  }
  const last = map.items.at(-1);
  const first = map.items[0];
  if (!last || !first) throw new SpliceRefused("an empty map has no place");
  const column = columnOf(text, ((first.key as Scalar).range as [number, number, number])[0]);
  const ends = ((last.value as Node | null)?.range ?? (last.key as Scalar).range) as [number, number, number];
  const at = lineEnd(
    text,
    trimmed(text, ((last.key as Scalar).range as [number, number, number])[0], ends[1]),
  );
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const shown = show(value, false, column);
  const line = `${" ".repeat(column)}${name}:${shown.block ? shown.text : ` ${shown.text}`}`;
  return { from: at, to: at, put: `${end}${line}` };
}

function removed(text: string, document: Document.Parsed, path: Path): string {
  const parents: YAMLMap[] = [];
  let node: unknown = document.contents;
  for (const key of path.slice(0, -1)) {
    if (isMap(node)) parents.push(node);
    node =
      isSeq(node) && typeof key === "number"
        ? node.items[key]
        : isMap(node)
          ? pairOf(node, String(key))?.value
          : undefined;
  }
  if (!isMap(node)) return text;
  const pair = pairOf(node, String(path.at(-1)));
  if (!pair) return text;
  const parent = path.at(-2);
  if (node.items.length === 1 && path.length > 1 && typeof parent === "string" && parent !== "with")
    return removed(text, document, path.slice(0, -1));
  const from = ((pair.key as Scalar).range as [number, number, number])[0];
  const ends = ((pair.value as Node | null)?.range ?? (pair.key as Scalar).range) as [number, number, number];
  const end = trimmed(text, from, ends[1]);
  if (node.flow) {
    const after = /^\s*,\s*/.exec(text.slice(end));
    if (after) return text.slice(0, from) + text.slice(end + after[0].length);
    const before = /,\s*$/.exec(text.slice(0, from));
    return text.slice(0, from - (before?.[0].length ?? 0)) + text.slice(end);
  }
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const dash = /^\s*-\s+$/.test(text.slice(start, from));
  if (dash) {
    // The first key of a step: the next one takes its place behind the dash.
    const next = node.items[1];
    if (!next) return text;
    const nextFrom = ((next.key as Scalar).range as [number, number, number])[0];
    return text.slice(0, from) + text.slice(nextFrom);
  }
  const line = lineEnd(text, end);
  return text.slice(0, start) + text.slice(Math.min(text.length, line + lineBreak(text, line)));
}

function lineBreak(text: string, at: number): number {
  return text.startsWith("\r\n", at) ? 2 : at < text.length ? 1 : 0;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function trimmed(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && /\s/.test(text[at - 1] ?? "")) at -= 1;
  return at;
}

function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf("\n", at - 1) + 1);
}

/** A value as it is written: behind its key, or in lines below it (`block`, which begins with a line's end). */
function show(value: unknown, inFlow: boolean, column: number): { text: string; block: boolean } {
  if (typeof value !== "object" || value === null) return { text: scalar(value), block: false };
  const flow = flowText(value);
  if (inFlow || flow.length + column < WIDE) return { text: flow, block: false };
  const lines = stringify(value, { lineWidth: 0, indent: 2 }).trimEnd().split("\n");
  const pad = " ".repeat(column + 2);
  return { text: `\n${lines.map((line) => (line === "" ? line : pad + line)).join("\n")}`, block: true };
}

function flowText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowText).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([name, each]) => `${scalar(name)}: ${flowText(each)}`)
      .join(", ")}}`;
  return scalar(value);
}

/** A scalar that reads the same behind a key and inside brackets. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value ?? null);
  const plain =
    /^[\p{L}\p{N}_][\p{L}\p{N}_ .?!+*/()'-]*$/u.test(value) &&
    !/\s$/.test(value) &&
    !/[:#]\s|\s#/.test(value);
  if (plain && parseDocument(value).toJS() === value) return value;
  const node = new Scalar(value);
  node.type = Scalar.QUOTE_DOUBLE;
  return JSON.stringify(value);
}

/** Put a step behind another; undefined: first. Raises `SpliceRefused`. */
export function insertStep(text: string, after: string | undefined, step: Record<string, unknown>): string {
  const { document } = read(text);
  if (document.errors.length > 0) throw new SpliceRefused(document.errors[0]?.message);
  const nodes = document.get("steps");
  const before = record(document.toJS());
  const steps = Array.isArray(before.steps) ? before.steps : [];
  if (!isSeq(nodes) || nodes.flow || steps.length === 0) return setValue(text, ["steps"], [...steps, step]);
  const [first] = nodes.items as Node[];
  if (!first?.range) throw new SpliceRefused("the first step is empty");
  const column = columnOf(text, first.range[0]) - 2;
  const lines = stringify(step, { lineWidth: 0, indent: 2 }).trimEnd().split("\n");
  const pad = " ".repeat(Math.max(column, 0));
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const block = lines.map((line, place) => pad + (place === 0 ? "- " : "  ") + line).join(end) + end;
  const blocks = blocksOf(text);
  const names = blocks.map((each) => each.name);
  const at = after === undefined ? names.indexOf("steps") : names.indexOf(`steps.${after}`);
  if (at < 0) throw new SpliceRefused(`there is no step ${after}`);
  const last = blocks[at];
  if (!last) throw new SpliceRefused("there is no such step");
  // Where a blank line stands between steps, it stands here too; a step's own blank lines stay behind it.
  const spaced = blocks.some((each) => each.name.startsWith("steps.") && /\n\r?\n$/.test(each.text));
  const own = last.text.endsWith("\n") || last.text === "" ? last.text : last.text + end;
  const lead = spaced && after !== undefined && !/\n\r?\n$/.test(own) ? end : "";
  const tail = spaced && at < blocks.length - 1 && names[at + 1]?.startsWith("steps.") ? end : "";
  blocks[at] = { ...last, text: own + lead + block + tail };
  const spliced = joined(blocks);
  const place = after === undefined ? 0 : steps.findIndex((each) => record(each).id === after) + 1;
  verify(spliced, { ...before, steps: [...steps.slice(0, place), step, ...steps.slice(place)] });
  return spliced;
}

/** Take a step out, with the comments above it. Raises `SpliceRefused`. */
export function removeStep(text: string, id: string): string {
  const blocks = blocksOf(text);
  const at = blocks.findIndex((each) => each.name === `steps.${id}`);
  if (at < 0) throw new SpliceRefused(`there is no step ${id}`);
  const { document } = read(text);
  const before = record(document.toJS());
  const steps = Array.isArray(before.steps) ? before.steps : [];
  const spliced = joined(blocks.filter((_, place) => place !== at));
  const left = steps.filter((each) => record(each).id !== id);
  if (left.length === 0) return setValue(text, ["steps"], []);
  verify(spliced, { ...before, steps: left });
  return spliced;
}

/** Move a step by places up or down. Raises `SpliceRefused`. */
export function moveStep(text: string, id: string, by: -1 | 1): string {
  const blocks = blocksOf(text);
  const at = blocks.findIndex((each) => each.name === `steps.${id}`);
  const to = at + by;
  const [one, other] = [blocks[at], blocks[to]];
  if (!one || !other?.name.startsWith("steps.")) return text;
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  // What is last in the file may lack its line's end, and the blank lines between the two stay between them.
  const [upper, lower] = by === 1 ? [other, one] : [one, other];
  const tail = /(\r?\n)*$/.exec((by === 1 ? one : other).text)?.[0] ?? "";
  const last = /(\r?\n)*$/.exec((by === 1 ? other : one).text)?.[0] ?? "";
  const bare = (block: string) => block.replace(/(\r?\n)*$/, "");
  const first = Math.min(at, to);
  blocks[first] = { ...upper, text: bare(upper.text) + (tail === "" ? end : tail) };
  blocks[first + 1] = { ...lower, text: bare(lower.text) + last };
  const spliced = joined(blocks);
  const before = record(read(text).document.toJS());
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

function within(value: unknown, [key, ...rest]: Path, put: unknown): unknown {
  if (key === undefined) return put;
  if (Array.isArray(value)) return value.map((each, at) => (at === key ? within(each, rest, put) : each));
  const map = record(value);
  return { ...map, [String(key)]: within(map[String(key)], rest, put) };
}

function without(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return value;
  if (Array.isArray(value)) return value.map((each, at) => (at === key ? without(each, rest) : each));
  const { [String(key)]: inner, ...others } = record(value);
  if (inner === undefined && !(String(key) in record(value))) return value;
  if (rest.length === 0) return others;
  const left = without(inner, rest);
  const gone =
    typeof rest[0] === "string" &&
    key !== "with" &&
    typeof left === "object" &&
    left !== null &&
    !Array.isArray(left) &&
    Object.keys(left).length === 0;
  return gone ? others : { ...record(value), [String(key)]: left };
}

function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return (
    keys.length === others.length &&
    keys.every(
      (key) =>
        key in other && same((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
    )
  );
}
