/** How values are written into a file of a bot: as YAML, or as JSON where the file is that. */
import { parseDocument, stringify } from "yaml";

const WIDE = 90;

/** A value as it is written: behind its key, or in lines below it (`block`, which begins with a line's end). */
export type Shown = { text: string; block: boolean };

/** `inFlow`: inside brackets; `column`: where its key stands. */
export function show(value: unknown, inFlow: boolean, column: number, json: boolean): Shown {
  if (typeof value !== "object" || value === null) return { text: scalar(value, json), block: false };
  const flow = flowText(value, json);
  if (flow.length + column < WIDE) return { text: flow, block: false };
  if (json) return { text: indented(JSON.stringify(value, null, 2).split("\n"), column), block: false };
  if (inFlow) return { text: flow, block: false };
  const lines = stringify(value, { lineWidth: 0, indent: 2 }).trimEnd().split("\n");
  const pad = " ".repeat(column + 2);
  return { text: `\n${lines.map((line) => (line === "" ? line : pad + line)).join("\n")}`, block: true };
}

/** In one line, with brackets. */
export function flowText(value: unknown, json: boolean): string {
  if (Array.isArray(value)) return `[${value.map((each) => flowText(each, json)).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([name, each]) => `${scalar(name, json)}: ${flowText(each, json)}`)
      .join(", ")}}`;
  return scalar(value, json);
}

/** A scalar that reads the same behind a key and inside brackets. */
export function scalar(value: unknown, json: boolean): string {
  if (typeof value !== "string") return JSON.stringify(value ?? null);
  const plain =
    !json &&
    /^[\p{L}\p{N}_][\p{L}\p{N}_ .?!+*/()'-]*$/u.test(value) &&
    !/\s$/.test(value) &&
    !/[:#]\s|\s#/.test(value);
  return plain && parseDocument(value).toJS() === value ? value : JSON.stringify(value);
}

/** Lines as an item of a list: a dash before the first, all of them at a column. */
export function listed(value: unknown, column: number): string[] {
  const pad = " ".repeat(column);
  const entries =
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.entries(value);
  if (!entries || entries.length === 0) return [`${pad}- ${flowText(value, false)}`];
  return entries.flatMap(([key, each], place) => {
    const { text, block } = show(each, false, column + 2, false);
    return `${pad}${place === 0 ? "- " : "  "}${scalar(key, false)}:${block ? "" : " "}${text}`.split("\n");
  });
}

/** Lines of which the first stands where it is, and the others at a column. */
export function indented(lines: string[], column: number): string {
  return lines.join(`\n${" ".repeat(column)}`);
}
