/** A flow that is read in parts says what it says when it is read as a whole, and every place in it is the same. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMap, isPair, isSeq, type Node } from "yaml";
import { outside, type Placed, partOf, type Reading, read, stepStarts, whole } from "./reading";

const FLOW = `# A greeting
chatloom: flow/v1
id: hello   # its name
triggers:
  - message: {words: [hi]}
steps:   # in order
  # asked first
  - id: ask   # its name
    action: menu
    with:
      text: {en: "Hi",
        it: Ciao}   # both
      choices: &c {yes: Yes, no: 'No'}
    then: {no: bye, other: ask}

  - id: middle
    action: send
    with:
      text: |
        Well:
          - 1

    # on
    next: bye
  -
    id: folded
    note: >+
      One
      two

# far left
  - {id: bye, action: send, with: {text: plain
      words}}

# behind
defaults: {failed: bye}
title:
- a
- b
`;
const BEGUN = [
  FLOW,
  FLOW.replaceAll("\n", "\r\n"),
  FLOW.replace(/\n(?= {2})/g, "\n").replaceAll(/^ {2}/gm, ""),
  FLOW.slice(0, FLOW.indexOf("\n\n# behind")),
  `---\n${FLOW}`,
  FLOW.replace("text: plain", "text: *c").replace(/^# far left$/m, "   # near"),
];
const BITS = [
  ...[
    "\n",
    "\r\n",
    "\r",
    " ",
    "  ",
    "\t",
    '"',
    "'",
    "- ",
    "-",
    "\n- ",
    "\n  - ",
    "\n  - id: new\n",
    "\n    ",
  ],
  ...[
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    ":",
    "? ",
    "# ",
    "#",
    "&c ",
    "*c",
    "!!str ",
    "!t ",
    "<<: *c",
    "|",
    "|+\n",
  ],
  ...[
    "|1\n",
    ">\n",
    "---\n",
    "\n...\n",
    "\n---",
    "%YAML 1.1\n",
    "steps:",
    "\nsteps:\n",
    "\nid: twice\n",
    "null",
  ],
  ...["\u2028", "\u00a0", "\ufeff", "x", "\\", "`", "@", "__proto__: 1", "\n\n\n", "- - ", "  # \n"],
];

const edit = fc.oneof(
  { weight: 3, arbitrary: fc.record({ at: fc.nat(), gone: fc.nat(3), put: fc.constantFrom(...BITS) }) },
  {
    weight: 2,
    arbitrary: fc.record({ line: fc.nat(), does: fc.constantFrom("in", "out", "gone", "twice", "down") }),
  },
);

function edited(text: string, one: typeof edit extends fc.Arbitrary<infer T> ? T : never): string {
  if ("put" in one) {
    const at = one.at % (text.length + 1);
    return text.slice(0, at) + one.put + text.slice(at + one.gone);
  }
  const lines = text.split("\n");
  const at = one.line % lines.length;
  const line = lines[at] ?? "";
  const [below = ""] = lines.slice(at + 1);
  const now = {
    in: [` ${line}`],
    out: [line.replace(/^ /, "")],
    gone: [],
    twice: [line, line],
    down: [below, line],
  };
  return lines.toSpliced(at, one.does === "down" ? 2 : 1, ...now[one.does as "in"]).join("\n");
}

/** Where each value and key stands, by its path; the blanks behind it do not count. */
function placesOf(text: string, reading: Reading): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (placed: Placed, node: unknown, path: string) => {
    if (isPair(node)) {
      walk(placed, node.key, `${path} key`);
      return walk(placed, node.value, path);
    }
    const [from, to] = (node as Node | null)?.range ?? [];
    const [start, end] = [from, to].map((at) => (at === undefined ? undefined : outside(placed, at)));
    found.set(path, start === undefined ? node : [start, text.slice(start, end).trimEnd()]);
    if (isSeq(node)) for (const [place, item] of node.items.entries()) walk(placed, item, `${path}/${place}`);
    if (isMap(node)) for (const pair of node.items) walk(placed, pair, `${path}/${String(pair.key)}`);
  };
  walk(reading.main, reading.main.part.document.contents, "");
  if (reading.steps) {
    for (const path of [...found.keys()].filter((each) => each.startsWith("/steps/"))) found.delete(path);
    for (const [place, placed] of reading.steps.entries())
      walk(placed, placed.part.document.getIn(["steps", 0], true), `/steps/${place}`);
  }
  // They reach over all that stands in parts.
  found.delete("");
  found.delete("/steps");
  return found;
}

function alike(text: string): boolean {
  const [parts, all] = [read(text), whole(text)];
  const says = (value: unknown) => JSON.stringify(value);
  // Where it is no YAML may be said of another line: of the step that is broken, not of those that are drawn into it.
  expect(parts.fault !== undefined, text).toBe(all.fault !== undefined);
  expect(says(parts.value), text).toBe(says(all.value));
  if (all.fault) return false;
  expect(stepStarts(parts), text).toEqual(stepStarts(all));
  expect(placesOf(text, parts), text).toEqual(placesOf(text, all));
  return parts.steps !== undefined;
}

test("whatever is edited", () => {
  let inParts = 0;
  fc.assert(
    fc.property(fc.constantFrom(...BEGUN), fc.array(edit, { minLength: 1, maxLength: 5 }), (begun, edits) => {
      let text = begun;
      for (const one of edits) {
        text = edited(text, one);
        if (alike(text)) inParts += 1;
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  );
  expect(inParts).toBeGreaterThan(30);
});

test("as it was begun", () => {
  expect(BEGUN.map(alike)).toEqual([true, true, true, true, true, false]);
});

describe("what reaches beyond a step is read as a whole", () => {
  test.each([
    ["an alias", FLOW.replace("text: plain", "text: *c")],
    ["a quote that ends in the next step", FLOW.replace("'No'", "'No").replace("id: middle", "id: middle'")],
    ["`steps` in a quote", `title: "a\nsteps:\n  - x\n  "\n${FLOW}`],
    ["a second document", FLOW.replace("\n  -\n", "\n---\nid: other\nsteps:\n  -\n")],
    ["the end of a document", FLOW.replace("\n  -\n", "\n...\n  -\n")],
    ["a version", `%YAML 1.1\n---\n${FLOW}`],
    ["a line left of the steps", FLOW.replace("      One", " : &c     One")],
    ["a key without a name", FLOW.replace("\ndefaults:", "\n: 1\ndefaults:")],
    ["a tab", FLOW.replace("id: middle", "id:\tmiddle")],
    ["brackets", "id: a\nsteps: [{id: b}]\n"],
    ["JSON", JSON.stringify({ steps: [{ id: "a" }] }, null, 2)],
    ["no step", "id: a\nsteps:\n"],
  ])("%s", (_, text) => {
    expect(alike(text)).toBe(false);
    expect(read(text).steps).toBeUndefined();
  });
});

test("an alias of nothing is a fault, with its line", () => {
  const text = FLOW.replace("text: plain\n      words", "text: *nothing");
  expect(read(text).fault).toEqual({ why: expect.stringContaining("nothing"), line: 32 });
});

test("what is left open is said of the step in which it was typed, not of the end of the text", () => {
  const text = FLOW.replace("no: 'No'}", "no: 'No}");
  expect(read(text).fault).toEqual({ why: "Missing closing 'quote", line: 14 });
});

test("a step that did not change is not read again", () => {
  const [before, after] = [read(FLOW), read(FLOW.replace("Ciao", "Salve"))];
  const part = (reading: Reading, place: number) => partOf(reading, ["steps", place])?.[0].part;
  expect([0, 1, 2, 3].map((place) => part(before, place) === part(after, place))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect(after.main.part).toBe(before.main.part);
});
