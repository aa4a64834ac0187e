/**
 * A file of a bot as blocks: whole lines, each block with a name. In a flow every step is one, with the comments above
 * it; so is every key of the document. Joined they are the same bytes again.
 */
import { isMap, isScalar, isSeq } from "yaml";
import { outside, type Placed, read } from "./reading";

export type Block = { name: string; text: string };

/** Throws nothing: a text that does not parse is one block. */
export function blocksOf(text: string): Block[] {
  const starts = startsOf(text);
  const first = starts[0];
  if (first === undefined) return [{ name: "", text }];
  const blocks: Block[] = first.at > 0 ? [{ name: "", text: text.slice(0, first.at) }] : [];
  for (const [place, start] of starts.entries())
    blocks.push({ name: start.name, text: text.slice(start.at, starts[place + 1]?.at ?? text.length) });
  return blocks;
}

export function joined(blocks: Block[]): string {
  return blocks.map((block) => block.text).join("");
}

function startsOf(text: string): { name: string; at: number }[] {
  const { fault, main, steps } = read(text);
  const { contents } = main.part.document;
  if (fault || !isMap(contents) || contents.flow) return [];
  const found: { name: string; at: number }[] = [];
  const names = new Set<string>();
  const add = (name: string, placed: Placed, at: number) => {
    let unique = name;
    for (let count = 2; names.has(unique); count += 1) unique = `${name}#${count}`;
    names.add(unique);
    found.push({ name: unique, at: withComments(text, outside(placed, at)) });
  };
  for (const pair of contents.items) {
    if (!isScalar(pair.key) || !pair.key.range) continue;
    add(String(pair.key.value), main, pair.key.range[0]);
    if (pair.key.value !== "steps") continue;
    for (const placed of steps ?? [main]) {
      const list = placed.part.document.get("steps");
      if (!isSeq(list) || list.flow) continue;
      for (const item of list.items) {
        if (!isMap(item) || !item.range) continue;
        const id = item.get("id");
        add(`steps.${typeof id === "string" ? id : "?"}`, placed, item.range[0]);
      }
    }
  }
  const inOrder = found.every((each, place) => place === 0 || each.at > (found[place - 1]?.at ?? 0));
  return inOrder ? found : [];
}

/** The beginning of the line, and of the comments and blank lines right above it. */
export function withComments(text: string, at: number): number {
  let start = text.lastIndexOf("\n", at - 1) + 1;
  while (start > 0) {
    const before = text.lastIndexOf("\n", start - 2) + 1;
    if (!/^\s*#.*$/.test(text.slice(before, start - 1).replace(/\r$/, ""))) break;
    start = before;
  }
  return start;
}
