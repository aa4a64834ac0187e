/**
 * Splices: one value of a YAML or JSON text is set, taken out, put into a list, and every other byte stays as it was.
 * After each the text is read again: it may differ only where it was meant to, and what was JSON is JSON still.
 */
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { withComments } from "./blocks";
import { outside, type Path, type Placed, partOf, read, whole } from "./reading";
import { flowText, indented, listed, scalar, show } from "./written";

/** The text could not be changed so that only what was meant differs: it has to be done in the text itself. */
export class SpliceRefused extends Error {
  override readonly name = "SpliceRefused";
}

/** What stands from one place to another gives way to something else. */
export type Splice = { from: number; to: number; put: string };

/** What is changed: the part of the text in which a value stands, and the value's path there. */
type Source = { text: string; document: Document.Parsed; json: boolean; path: Path; placed: Placed };

export const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

/** A text that can be changed, where a value stands. Raises `SpliceRefused`. */
function opened(all: string, path: Path): Source {
  const reading = read(all);
  if (reading.fault) throw new SpliceRefused(reading.fault.why);
  const [placed, within] = partOf(reading, path) ?? [whole(all).main, path];
  return { ...placed.part, json: isJson(all), path: within, placed };
}

/** A splice of a part, where it stands in the text. */
function placedIn({ placed }: Source, { from, to, put }: Splice): Splice {
  return { from: outside(placed, from), to: outside(placed, to), put };
}

export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Set one value by its path from the document's root; undefined takes it out, and what is left empty by that (but for
 * `with`). Raises `SpliceRefused`.
 */
export function setValue(text: string, path: Path, value: unknown): string {
  const source = opened(text, path);
  const splice = value === undefined ? removed(source, source.path) : written(source, value);
  const spliced = splice ? put(text, [placedIn(source, splice)]) : text;
  const before = read(text).value;
  verify(spliced, value === undefined ? without(before, path) : within(before, path, value), source.json);
  return spliced;
}

/** Set several values, of which none lies in another, at once. Raises `SpliceRefused`. */
export function setValues(text: string, values: [Path, unknown][]): string {
  const spliced = put(
    text,
    values.map(([path, value]) => {
      const source = opened(text, path);
      return placedIn(source, written(source, value));
    }),
  );
  const meant = values.reduce<unknown>((all, [path, value]) => within(all, path, value), read(text).value);
  try {
    verify(spliced, meant, isJson(text));
    return spliced;
  } catch (error) {
    if (!(error instanceof SpliceRefused) || values.length < 2) throw error;
    // Two that begin in one empty place need each other's: one after the other.
    return values.reduce((all, [path, value]) => setValue(all, path, value), text);
  }
}

/**
 * Put a value into a list, before the one that has that place now, or last; the list is made where there is none.
 * Raises `SpliceRefused`.
 */
export function insertItem(text: string, path: Path, before: number | undefined, value: unknown): string {
  const source = opened(text, path);
  const list = source.document.getIn(source.path, true);
  if (!isSeq(list) || list.items.length === 0) return setValue(text, path, [value]);
  const place = before ?? list.items.length;
  const splice = (list.flow ? inBrackets : inLines)(source, list, place, value);
  const spliced = put(text, [placedIn(source, splice)]);
  verify(
    spliced,
    changed(text, path, (items) => items.toSpliced(place, 0, value)),
    source.json,
  );
  return spliced;
}

/** Take an item out of a list, with the comments above it; the list goes with its last one. Raises `SpliceRefused`. */
export function removeItem(text: string, path: Path, place: number): string {
  const source = opened(text, path);
  const list = source.document.getIn(source.path, true);
  if (!isSeq(list) || list.items[place] === undefined)
    throw new SpliceRefused("there is nothing at that place");
  if (list.items.length === 1) return setValue(text, path, undefined);
  const splice = list.flow
    ? withComma(source.text, ...rangeOf(source.text, list.items[place]))
    : { from: lineOf(source.text, list, place), to: lineOf(source.text, list, place + 1), put: "" };
  const spliced = applied(text, [placedIn(source, splice)]);
  verify(
    spliced,
    changed(text, path, (items) => items.toSpliced(place, 1)),
    source.json,
  );
  return spliced;
}

/** Two items of a list in brackets change places. Raises `SpliceRefused`. */
export function swapItems(text: string, path: Path, one: number, other: number): string {
  const source = opened(text, path);
  const list = source.document.getIn(source.path, true);
  if (!isSeq(list)) throw new SpliceRefused("there is no list at that place");
  const [first, second] = [one, other].map((place) => rangeOf(source.text, list.items[place])) as [
    Range,
    Range,
  ];
  const splices = [
    { from: first[0], to: first[1], put: source.text.slice(...second) },
    { from: second[0], to: second[1], put: source.text.slice(...first) },
  ];
  const spliced = applied(
    text,
    splices.map((each) => placedIn(source, each)),
  );
  const swapped = (items: unknown[]) => items.with(one, items[other]).with(other, items[one]);
  verify(spliced, changed(text, path, swapped), source.json);
  return spliced;
}

/** What a text says, with another list at a place. */
function changed(text: string, path: Path, change: (items: unknown[]) => unknown[]): unknown {
  const { value } = read(text);
  const list = path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
  return within(value, path, change(list as unknown[]));
}

/** Those that begin at one place stand in the order in which they are given. */
export function applied(text: string, splices: Splice[]): string {
  const backwards = [...splices].reverse().sort((one, other) => other.from - one.from);
  return backwards.reduce((all, { from, to, put }) => all.slice(0, from) + put + all.slice(to), text);
}

/** What is written anew has the text's ends of lines. */
function put(text: string, splices: Splice[]): string {
  const end = breakOf(text);
  return applied(
    text,
    splices.map((each) => ({ ...each, put: each.put.replaceAll("\n", end) })),
  );
}

/** Raises `SpliceRefused` unless the text says what is meant. */
export function verify(text: string, meant: unknown, json = false): void {
  const { fault, value } = read(text);
  if (fault) throw new SpliceRefused(fault.why);
  if (json && !isJson(text)) throw new SpliceRefused("the text would be JSON no longer");
  if (!same(value, meant)) throw new SpliceRefused("the text would differ elsewhere too");
}

function written(source: Source, value: unknown): Splice {
  const { path } = source;
  let node: unknown = source.document.contents;
  for (const [depth, key] of path.entries()) {
    const rest = () =>
      path.slice(depth + 1).reduceRight<unknown>((inner, name) => ({ [String(name)]: inner }), value);
    if (isSeq(node) && typeof key === "number") {
      const item = node.items[key] as Node | undefined;
      if (depth === path.length - 1 && item?.range) {
        const [from, to] = rangeOf(source.text, item);
        return { from, to, put: flowText(value, source.json) };
      }
      node = item;
      continue;
    }
    if (!isMap(node)) throw new SpliceRefused(`${path.slice(0, depth).join(".")} is no map`);
    const pair = pairOf(node, String(key));
    if (pair === undefined) return added(source, node, String(key), rest());
    if (depth === path.length - 1) return replaced(source, node, pair, value);
    if (!isMap(pair.value) && !isSeq(pair.value)) return replaced(source, node, pair, rest());
    node = pair.value;
  }
  throw new SpliceRefused("there is nothing at that place");
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

function replaced({ text, json }: Source, map: YAMLMap, pair: Pair, value: unknown): Splice {
  const key = pair.key as Scalar;
  const node = pair.value as Node | null;
  const [begin, behind] = key.range as [number, number, number];
  const colon = text.indexOf(":", behind);
  const column = json ? indentOf(text, begin) : columnOf(text, begin);
  const shown = show(value, map.flow === true, column, json);
  if (node?.range && node.range[1] > node.range[0]) {
    const [start, end] = rangeOf(text, node);
    const inline =
      map.flow === true || isScalar(node) || (isMap(node) || isSeq(node) ? node.flow === true : false);
    if (!shown.block && !inline) return { from: colon + 1, to: end, put: ` ${shown.text}` };
    if (shown.block) return { from: colon + 1, to: end, put: shown.text };
    return { from: start, to: end, put: shown.text };
  }
  return { from: colon + 1, to: colon + 1, put: shown.block ? shown.text : ` ${shown.text}` };
}

function added({ text, document, json }: Source, map: YAMLMap, key: string, value: unknown): Splice {
  const range = map.range as [number, number, number];
  const name = scalar(key, json);
  const last = map.items.at(-1);
  const first = map.items[0];
  if (map.flow) {
    if (!last || !first)
      return { from: range[0] + 1, to: range[1] - 1, put: `${name}: ${show(value, true, 0, json).text}` };
    const begin = ((last.key as Scalar).range as [number, number, number])[0];
    const pad = padOf(text, begin);
    const shown = show(value, true, pad?.length ?? 0, json).text;
    return behind(endOf(text, last), `${name}: ${shown}`, pad);
  }
  if (!last || !first) throw new SpliceRefused("an empty map has no place");
  const column = columnOf(text, ((first.key as Scalar).range as [number, number, number])[0]);
  const shown = show(value, false, column, json);
  const line = `${" ".repeat(column)}${name}:${shown.block ? shown.text : ` ${shown.text}`}`;
  if (map === document.contents && String((last.key as Scalar).value) === "steps") {
    // What a flow says of itself stands before its steps.
    const at = withComments(text, ((last.key as Scalar).range as [number, number, number])[0]);
    return { from: at, to: at, put: `${line}\n` };
  }
  const at = lineEnd(text, endOf(text, last));
  return { from: at, to: at, put: `\n${line}` };
}

/** Undefined: there is nothing to take out. */
function removed(source: Source, path: Path): Splice | undefined {
  const { text, document } = source;
  let node: unknown = document.contents;
  for (const key of path.slice(0, -1)) {
    node =
      isSeq(node) && typeof key === "number"
        ? node.items[key]
        : isMap(node)
          ? pairOf(node, String(key))?.value
          : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = pairOf(node, String(path.at(-1)));
  if (!pair) return undefined;
  const parent = path.at(-2);
  if (node.items.length === 1 && path.length > 1 && typeof parent === "string" && parent !== "with")
    return removed(source, path.slice(0, -1));
  const from = ((pair.key as Scalar).range as [number, number, number])[0];
  const end = endOf(text, pair);
  if (node.flow) return withComma(text, from, end);
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const dash = /^\s*-\s+$/.test(text.slice(start, from));
  if (dash) {
    // The first key of a step: the next one takes its place behind the dash.
    const next = node.items[1];
    return next && { from, to: ((next.key as Scalar).range as [number, number, number])[0], put: "" };
  }
  const line = lineEnd(text, end);
  return { from: start, to: Math.min(text.length, line + lineBreak(text, line)), put: "" };
}

/** An item of a list in brackets, on a line of its own where the others have theirs. */
function inBrackets({ text, json }: Source, list: YAMLSeq, place: number, value: unknown): Splice {
  const [begin] = rangeOf(text, list.items[0]);
  const pad = padOf(text, begin);
  const put =
    json && pad !== undefined
      ? indented(JSON.stringify(value, null, 2).split("\n"), pad.length)
      : flowText(value, json);
  if (place > 0) return behind(rangeOf(text, list.items[place - 1])[1], put, pad);
  return { from: begin, to: begin, put: pad === undefined ? `${put}, ` : `${put},\n${pad}` };
}

/** An item of a list with dashes. */
function inLines({ text }: Source, list: YAMLSeq, place: number, value: unknown): Splice {
  const at = lineOf(text, list, place);
  const column = columnOf(text, dashOf(text, list.items[0]));
  const lead = at > 0 && text[at - 1] !== "\n" ? "\n" : "";
  return { from: at, to: at, put: `${lead}${listed(value, column).join("\n")}\n` };
}

/** Where the line of an item begins, with the comments above it; behind the last one: where that ends. */
function lineOf(text: string, list: YAMLSeq, place: number): number {
  const item = list.items[place];
  if (item !== undefined) return withComments(text, dashOf(text, item));
  const line = lineEnd(text, rangeOf(text, list.items.at(-1))[1]);
  return line + lineBreak(text, line);
}

function dashOf(text: string, item: unknown): number {
  const [begin] = rangeOf(text, item);
  const dash = text.lastIndexOf("-", begin - 1);
  if (!/^\s*-\s+$/.test(text.slice(text.lastIndexOf("\n", begin - 1) + 1, begin)))
    throw new SpliceRefused("the list stands in another");
  return dash;
}

/** Behind something in brackets; `pad`: on a line of its own, that far in. */
function behind(end: number, put: string, pad: string | undefined): Splice {
  return { from: end, to: end, put: `,${pad === undefined ? " " : `\n${pad}`}${put}` };
}

/** What goes from brackets, with the comma behind it, else before it. */
function withComma(text: string, from: number, end: number): Splice {
  const after = /^\s*,\s*/.exec(text.slice(end));
  if (after) return { from, to: end + after[0].length, put: "" };
  const before = /,\s*$/.exec(text.slice(0, from));
  return { from: from - (before?.[0].length ?? 0), to: end, put: "" };
}

type Range = [from: number, to: number];

function rangeOf(text: string, node: unknown): Range {
  const range = (node as Node | null | undefined)?.range;
  if (!range) throw new SpliceRefused("there is nothing at that place");
  return [range[0], trimmed(text, range[0], range[1])];
}

/** Where a key with its value ends. */
function endOf(text: string, pair: Pair): number {
  const begin = ((pair.key as Scalar).range as [number, number, number])[0];
  const [, end] = ((pair.value as Node | null)?.range ?? (pair.key as Scalar).range) as [
    number,
    number,
    number,
  ];
  return trimmed(text, begin, end);
}

/** What stands before something that begins its line; undefined: it does not. */
function padOf(text: string, at: number): string | undefined {
  const before = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  return /^\s*$/.test(before) && text.lastIndexOf("\n", at - 1) >= 0 ? before : undefined;
}

function indentOf(text: string, at: number): number {
  return /^\s*/.exec(text.slice(text.lastIndexOf("\n", at - 1) + 1))?.[0].length ?? 0;
}

export function breakOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
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

export function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf("\n", at - 1) + 1);
}

export function within(value: unknown, [key, ...rest]: Path, put: unknown): unknown {
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
