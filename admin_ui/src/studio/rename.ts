/**
 * Rename what a bot names in many files: at the places that the server knows (`GET …/draft/names`), and nowhere else.
 * What stands around a name stays as it is, byte for byte; the texts are read again afterwards.
 */
import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Schemas } from "../api/client";
import type { Files } from "./draft";
import { fileOfFlow } from "./flow-files";
import { outside, type Path, partOf, type Reading, read } from "./reading";
import { applied, type Splice, SpliceRefused, verify } from "./splice";
import { wordOf } from "./word";

export type Use = Pick<Schemas["UseOut"], "file" | "pointer" | "key" | "text" | "spans">;
type Where = { start: number; end: number };

/** A name as flows and their parts have it: schemas/flow.py. */
export const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** Where the name stands, in UTF-16 units: the server counts characters. */
export function spansOf(use: Pick<Use, "text" | "spans">): [from: number, until: number][] {
  const characters = [...use.text];
  const unit = (place: number) => characters.slice(0, place).join("").length;
  const same = characters.length === use.text.length;
  return use.spans.map(([from = 0, until = 0]) => (same ? [from, until] : [unit(from), unit(until)]));
}

/** What stands at a place when it is renamed. */
export function after(use: Pick<Use, "text" | "spans">, to: string): string {
  return spansOf(use)
    .sort(([one], [other]) => other - one)
    .reduce((text, [from, until]) => text.slice(0, from) + to + text.slice(until), use.text);
}

/** The files that change, and how; undefined: it is gone. `file`: of a flow, whose file is called like it. */
export function renamed(
  files: Files,
  uses: readonly Use[],
  to: string,
  flow?: { from: string },
): Record<string, string | undefined> {
  const next: Record<string, string | undefined> = {};
  for (const path of new Set(uses.map((use) => use.file))) {
    const text = files[path];
    if (text === undefined) throw new SpliceRefused(`${path} is not there any more`);
    next[path] = inFile(text, together(uses.filter((use) => use.file === path)), to);
  }
  if (flow) {
    const path = fileOfFlow(files, flow.from);
    if (path !== undefined) {
      const moved = path.replace(`flows/${flow.from}.`, `flows/${to}.`);
      if (moved in files) throw new SpliceRefused(`${moved} is there already`);
      next[moved] = next[path] ?? files[path];
      next[path] = undefined;
    }
  }
  return next;
}

/** Two things found in one scalar are one change of it. */
function together(uses: readonly Use[]): Use[] {
  const found = new Map<string, Use>();
  for (const use of uses) {
    const at = `${use.key} ${use.pointer}`;
    const before = found.get(at);
    const spans = [...(before?.spans ?? []), ...use.spans];
    const once = new Map(spans.map((span) => [span.join(), span]));
    found.set(at, { ...use, spans: [...once.values()] });
  }
  return [...found.values()];
}

function inFile(text: string, uses: readonly Use[], to: string): string {
  const reading = read(text);
  if (reading.fault) throw new SpliceRefused(reading.fault.why);
  const splices = new Map<number, Splice>(); // what an alias repeats is changed once
  for (const use of uses) {
    const { start, end } = scalarAt(reading, use);
    splices.set(start, { from: start, to: end, put: written(text.slice(start, end), use, to) });
  }
  const spliced = applied(text, [...splices.values()]);
  verify(spliced, meant(reading.value, "", uses, to));
  return spliced;
}

/** Where the scalar of a use stands in its text. */
function scalarAt(reading: Reading, use: Use): Where {
  const names = use.pointer.split("/").slice(1);
  const path: Path = names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (reading.steps && path[0] === "steps" && path.length > 1) path[1] = Number(path[1]);
  const [placed, within] = partOf(reading, path) ?? [reading.main, path];
  const { document } = placed.part;
  let node: unknown = document.contents;
  let key: unknown;
  for (const name of within) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node)) {
      key = undefined;
      node = node.items[Number(name)];
    } else if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(name));
      key = pair?.key;
      node = pair?.value;
    } else node = undefined;
  }
  if (isAlias(node)) node = node.resolve(document);
  const found = use.key ? key : node;
  if (!isScalar(found) || !found.range || String(found.value) !== use.text)
    throw new SpliceRefused(`${use.file}: ${use.pointer} has changed meanwhile`);
  return { start: outside(placed, found.range[0]), end: outside(placed, found.range[1]) };
}

/** The scalar as it is written, renamed. Where that cannot be told from how it is written, it is written anew. */
function written(raw: string, use: Use, to: string): string {
  const spans = spansOf(use);
  const [from, until] = spans[0] ?? [0, 0];
  const word = new RegExp(wordOf([use.text.slice(from, until)]), "g");
  const inText = [...use.text.matchAll(word)].map((each) => each.index);
  const inRaw = [...raw.matchAll(word)].map((each) => each.index);
  const wanted = new Set(spans.map(([start]) => start));
  if (inText.length !== inRaw.length || [...wanted].some((start) => !inText.includes(start)))
    return JSON.stringify(after(use, to));
  const put = inRaw
    .filter((_, place) => wanted.has(inText[place] ?? -1))
    .reverse()
    .reduce((all, start) => all.slice(0, start) + to + all.slice(start + until - from), raw);
  return ["true", "false", "null"].includes(put) ? JSON.stringify(put) : put;
}

function meant(value: unknown, pointer: string, uses: readonly Use[], to: string): unknown {
  const keys = new Map(uses.filter((use) => use.key).map((use) => [use.pointer, after(use, to)]));
  const values = new Map(uses.filter((use) => !use.key).map((use) => [use.pointer, after(use, to)]));
  const walk = (each: unknown, at: string): unknown => {
    const own = values.get(at);
    if (own !== undefined) return own;
    if (Array.isArray(each)) return each.map((one, place) => walk(one, `${at}/${place}`));
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(
      Object.entries(each).map(([key, one]) => {
        const below = `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        return [keys.get(below) ?? key, walk(one, below)];
      }),
    );
  };
  return walk(value, pointer);
}
