/** What canvas and form do to a flow, at random, however it is written: in lines, in brackets, as JSON. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSeq, type Node, parse, parseDocument } from "yaml";
import { insertStep, moveStep, readFlow, removeStep, renameStep, stepsText } from "./flow-text";
import { pasted } from "./pasting";
import { insertItem, isJson, removeItem, SpliceRefused, setValue } from "./splice";

const STEPS = [
  { id: "ask", action: "menu", with: { text: { en: "Hi", it: "Ciao" } }, then: { no: "bye", other: "ask" } },
  { id: "middle", action: "send", with: { text: "Well: #1" }, next: "bye" },
  { id: "bye", action: "send", with: {}, note: "the\nend" },
];
const FLOW = { chatloom: "flow/v1", id: "hello", triggers: [{ message: { words: ["hi"] } }], steps: STEPS };
const LINES = `# A greeting
id: hello
steps:
  # asked first
  - id: ask   # its name
    action: menu
    with:
      text: {en: "Hi", it: Ciao}   # both
    then: {no: bye, other: ask}

  - id: middle
    action: send
    with:
      text: |
        Well:
          # 1
    # on
    next: bye
  - {id: bye, action: send}
`;
const WRITTEN = {
  "lines of YAML": LINES,
  "lines that end as on Windows": LINES.replaceAll("\n", "\r\n"),
  "YAML in brackets":
    "id: hello\nsteps: [{id: ask, action: menu, then: {other: ask}}, {id: bye, action: send}]\n",
  "JSON in lines": `${JSON.stringify(FLOW, null, 2)}\n`,
  "JSON in one line": JSON.stringify(FLOW),
  "JSON with tabs": JSON.stringify(FLOW, null, "\t"),
};

/** Each step as it is written. */
function pieces(text: string): Map<string, string> {
  const nodes = parseDocument(text).get("steps");
  return new Map(
    (isSeq(nodes) ? (nodes.items as Node[]) : []).map((node) => {
      const [from = 0, until = 0] = node.range ?? [];
      return [String(node.toJS(parseDocument(text)).id), text.slice(from, until).trimEnd()];
    }),
  );
}

const said = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.boolean(),
  fc.integer(),
  fc.constant("x".repeat(120)),
  fc.dictionary(fc.stringMatching(/^[a-z]{2}$/), fc.string(), { minKeys: 1, maxKeys: 3 }),
);
const edit = fc.oneof(
  fc.record({
    what: fc.constant("set" as const),
    at: fc.nat(9),
    path: fc.constantFrom(
      ["with", "text"],
      ["with", "text", "it"],
      ["note"],
      ["then", "no"],
      ["next"],
      ["timeout"],
    ),
    to: fc.option(said, { nil: undefined }),
  }),
  fc.record({ what: fc.constant("insert" as const), at: fc.nat(9), to: said }),
  fc.record({ what: fc.constantFrom("remove", "up", "down", "rename", "copy"), at: fc.nat(9) }),
);

function done(
  text: string,
  one: typeof edit extends fc.Arbitrary<infer T> ? T : never,
  count: number,
): [string, string] {
  const { steps } = readFlow(text);
  const place = one.at % Math.max(steps.length, 1);
  const id = steps[place]?.id ?? "";
  switch (one.what) {
    case "set":
      return [steps.length === 0 ? text : setValue(text, ["steps", place, ...one.path], one.to), id];
    case "insert": {
      const after = one.at === 0 || steps.length === 0 ? undefined : id;
      return [
        insertStep(text, after, { id: `new_${count}`, action: "send", with: { text: one.to } }),
        `new_${count}`,
      ];
    }
    case "remove":
      return [steps.length === 0 ? text : removeStep(text, id), id];
    case "rename":
      return [steps.length === 0 ? text : renameStep(text, id, `named_${count}`), ""];
    case "copy":
      return [pasted(text, stepsText(text, [id]), id)?.text ?? text, id];
    default:
      return [steps.length === 0 ? text : moveStep(text, id, one.what === "up" ? -1 : 1), id];
  }
}

describe.each(Object.entries(WRITTEN))("%s", (_, begun) => {
  test("stay what they are, and other steps as they stand, whatever is done", () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), (edits) => {
        let text = begun;
        for (const [count, one] of edits.entries()) {
          const before = pieces(text);
          let id: string;
          try {
            [text, id] = done(text, one, count);
          } catch (error) {
            if (!(error instanceof SpliceRefused)) throw error;
            continue; // it is done in the text itself
          }
          expect(readFlow(text).fault).toBeUndefined();
          expect(isJson(text)).toBe(isJson(begun));
          if (one.what === "rename") continue;
          const now = pieces(text);
          for (const [other, piece] of before) if (other !== id) expect(now.get(other)).toBe(piece);
        }
      }),
      { numRuns: Number(process.env.RUNS ?? 12) },
    );
  });

  test("are never refused what a form writes", () => {
    expect(
      parse(setValue(begun, ["steps", 0, "with", "text"], { en: "x".repeat(200) })).steps[0].with.text.en,
    ).toHaveLength(200);
    const more = insertStep(begun, "ask", { id: "new", action: "send", with: { text: "y".repeat(200) } });
    expect(
      readFlow(more)
        .steps.map((step) => step.id)
        .slice(0, 2),
    ).toEqual(["ask", "new"]);
    expect(removeStep(more, "new").replace(/\s/g, "")).toBe(begun.replace(/\s/g, ""));
    const moved = moveStep(begun, "ask", 1);
    expect(readFlow(moved).steps[1]?.id).toBe("ask");
    expect(moveStep(moved, "ask", -1)).toBe(begun);
  });
});

test("steps are pasted with the comments in and above them", () => {
  const to = "id: other\nsteps:\n- id: ask\n  action: send\n";
  const longer = pasted(to, stepsText(LINES, ["ask", "middle"]), "ask");
  expect(longer?.steps.map((step) => step.id)).toEqual(["ask_2", "middle"]);
  expect(longer?.text).toBe(`${to}# asked first
- id: ask_2   # its name
  action: menu
  with:
    text: {en: "Hi", it: Ciao}   # both
  then: {no: bye, other: ask_2}
- id: middle
  action: send
  with:
    text: |
      Well:
        # 1
  # on
  next: bye
`);
  const json = pasted(WRITTEN["JSON in lines"], stepsText(LINES, ["middle"]), "ask")?.text ?? "";
  expect(JSON.parse(json).steps.map((step: { id: string }) => step.id)).toEqual([
    "ask",
    "middle_2",
    "middle",
    "bye",
  ]);
});

test("items go into lists and out of them again: the same bytes", () => {
  const text = "triggers:\n  # greeting\n  - message: {words: [hi]}   # said\n  - fallback: {}\nsteps: []\n";
  const more = insertItem(text, ["triggers"], 1, { event: { name: "ordered" } });
  expect(more).toContain("# said\n  - event: {name: ordered}\n  - fallback: {}\n");
  expect(removeItem(more, ["triggers"], 1)).toBe(text);
  expect(removeItem(text, ["triggers"], 0)).toBe("triggers:\n  - fallback: {}\nsteps: []\n");
  expect(removeItem(removeItem(text, ["triggers"], 0), ["triggers"], 0)).toBe("steps: []\n");
  expect(insertItem("id: a\n", ["triggers"], undefined, { event: { name: "ordered" } })).toBe(
    "id: a\ntriggers: [{event: {name: ordered}}]\n",
  );
  // What a flow says of itself stands before its steps.
  expect(insertItem("id: a\n# all\nsteps: []\n", ["triggers"], undefined, { event: { name: "b" } })).toBe(
    "id: a\ntriggers: [{event: {name: b}}]\n# all\nsteps: []\n",
  );
  const json = JSON.stringify({ triggers: [{ a: 1 }] }, null, 2);
  const longer = insertItem(json, ["triggers"], 0, { b: 2 });
  expect(longer).toBe(JSON.stringify({ triggers: [{ b: 2 }, { a: 1 }] }, null, 2));
  expect(removeItem(longer, ["triggers"], 0)).toBe(json);
});
