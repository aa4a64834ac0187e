/**
 * Two people changed one file: what each did to different blocks goes together, and what each did to different fields
 * of one step; what both changed is asked about.
 */
import { type Block, blocksOf } from "./blocks";
import { mergeStep } from "./merge-step";

/** `name`: the block; `field`: what of it, else the whole of it. */
export type Twice = { name: string; field?: string; mine: string; theirs: string };
export type Merged = { text: string; twice: Twice[] };

/**
 * `base` became `mine` here and `theirs` elsewhere. Where one thing was changed in both, `prefer` says whose stands in
 * the text, and `twice` names it.
 */
export function merge(
  base: string,
  mine: string,
  theirs: string,
  prefer: "mine" | "theirs" = "mine",
): Merged {
  if (mine === theirs || theirs === base) return { text: mine, twice: [] };
  if (mine === base) return { text: theirs, twice: [] };
  const [was, here, there] = [base, mine, theirs].map((text) => blocksOf(text)) as [
    Block[],
    Block[],
    Block[],
  ];
  const before = new Map(was.map((block) => [block.name, block.text]));
  const ours = new Map(here.map((block) => [block.name, block.text]));
  const other = new Map(there.map((block) => [block.name, block.text]));
  const twice: Twice[] = [];
  const merged: Block[] = [];
  for (const block of there) {
    const [old, own] = [before.get(block.name), ours.get(block.name)];
    const chosen = choose(block.name, old, own, block.text, prefer, twice);
    if (chosen !== undefined) merged.push({ name: block.name, text: chosen });
  }
  for (const [place, block] of here.entries()) {
    if (other.has(block.name)) continue;
    const chosen = choose(block.name, before.get(block.name), block.text, undefined, prefer, twice);
    if (chosen === undefined) continue;
    // What is new here stands behind what it stood behind.
    const ahead = here.slice(0, place).reverse();
    const after = ahead
      .map((each) => merged.findIndex((one) => one.name === each.name))
      .find((at) => at >= 0);
    merged.splice((after ?? -1) + 1, 0, { name: block.name, text: chosen });
  }
  return { text: lines(merged), twice };
}

function choose(
  name: string,
  old: string | undefined,
  mine: string | undefined,
  theirs: string | undefined,
  prefer: "mine" | "theirs",
  twice: Twice[],
): string | undefined {
  if (mine === theirs || theirs === old) return mine;
  if (mine === old) return theirs;
  if (name.startsWith("steps.") && old !== undefined && mine !== undefined && theirs !== undefined) {
    const merged = mergeStep(old, mine, theirs, prefer);
    if (merged) {
      twice.push(...merged.twice.map((field) => ({ name, ...field })));
      return merged.text;
    }
  }
  twice.push({ name, mine: mine ?? "", theirs: theirs ?? "" });
  return prefer === "mine" ? mine : theirs;
}

/** A last line without its end does not run into the next block. */
function lines(blocks: Block[]): string {
  return blocks
    .map(({ text }, place) =>
      place < blocks.length - 1 && text !== "" && !text.endsWith("\n") ? `${text}\n` : text,
    )
    .join("");
}
