import { isScalar, parseDocument } from "yaml";
import type { Path } from "./reading";
import { SpliceRefused, setValue } from "./splice";

/** The text with a value cut off behind what was written of it, and where that ends. */
export function cutAt(text: string, at: Path, before: string): { text: string; offset: number } | undefined {
  try {
    const cut = setValue(text, at, before === "" ? " " : before);
    const node = parseDocument(cut).getIn(at, true);
    if (!isScalar(node) || !node.range) return undefined;
    const [from, to] = node.range;
    const end = from + cut.slice(from, to).trimEnd().length;
    return { text: cut, offset: /["']/.test(cut[from] ?? "") ? end - 1 : end };
  } catch (error) {
    if (error instanceof SpliceRefused) return undefined;
    throw error;
  }
}
