import { type Node, visit } from "yaml";
import { outside, read } from "./reading";

/** In which language a text of a flow is that stands at a place; what lacks one is in that. */
export function languageAt(
  languages: readonly string[],
  text: string,
  line: number,
  column: number,
): string | undefined {
  const above = text.split("\n", line - 1).join("\n");
  const at = above.length + (line > 1 ? column : column - 1);
  const { main, steps = [] } = read(text);
  let found: string | undefined;
  for (const placed of [main, ...steps])
    visit(placed.part.document, {
      Map(_, map) {
        const [from = 0, to = 0] = map.range ?? [];
        if (at < outside(placed, from) || at > outside(placed, to)) return visit.SKIP;
        const lacks = languages.filter((each) => !map.has(each));
        if (lacks.length < languages.length) found = lacks[0];
        return undefined;
      },
      Pair(_, { key, value }) {
        const [, from = 0] = (key as Node | null)?.range ?? [];
        const [, to] = (value as Node | null)?.range ?? [0, 0];
        if (at < outside(placed, from) || at > outside(placed, to)) return visit.SKIP;
        found = languages.find((each) => each === String(key)) ?? found;
        return undefined;
      },
    });
  return found;
}
