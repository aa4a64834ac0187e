import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blocksOf, joined } from "./blocks";
import { merge } from "./merge";

const FLOW = `# A greeting
chatloom: flow/v1
id: hello   # its name
triggers:
  - message: {words: [hi]}
steps:
  # first
  - id: ask
    action: menu
    with: {text: Hello}

  - id: bye
    action: send
    with:
      text: Bye   # so long
`;

const step = (id: string, text: string) => `  - id: ${id}\n    action: send\n    with: {text: ${text}}\n`;
const flow = (steps: [string, string][]) =>
  `chatloom: flow/v1\nid: hello\nsteps:\n${steps.map(([id, text]) => step(id, text)).join("")}`;

describe("blocks", () => {
  test("are the steps with their comments, and the keys of the document", () => {
    expect(blocksOf(FLOW).map((block) => block.name)).toEqual([
      "chatloom",
      "id",
      "triggers",
      "steps",
      "steps.ask",
      "steps.bye",
    ]);
    expect(blocksOf(FLOW)[4]?.text.startsWith("  # first\n")).toBe(true);
  });

  test("are the same bytes when joined, whatever the text", () => {
    const lines = fc.constantFrom(
      "steps:",
      "  - id: a",
      "    action: send",
      "# c",
      "",
      "id: x",
      "  - {id: b}",
      "{",
      "- 1",
    );
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), (some, end) => {
        const text = some.join(end);
        expect(joined(blocksOf(text))).toBe(text);
      }),
    );
  });
});

describe("merge", () => {
  test("takes what each did to steps of their own", () => {
    const base = flow([["a", "1"], ["b", "2"], ["c", "3"]]); // biome-ignore format: as a table
    const mine = flow([["a", "mine"], ["b", "2"], ["new", "n"], ["c", "3"]]); // biome-ignore format: as a table
    const theirs = flow([["a", "1"], ["b", "theirs"]]); // biome-ignore format: as a table
    expect(merge(base, mine, theirs)).toEqual({
      text: flow([["a", "mine"], ["b", "theirs"], ["new", "n"]]), // biome-ignore format: as a table
      twice: [],
    });
  });

  test("asks where one step was changed twice", () => {
    const [base, mine, theirs] = ["1", "mine", "theirs"].map((text) => flow([["a", text]])) as [
      string,
      string,
      string,
    ];
    const merged = merge(base, mine, theirs);
    expect(merged.text).toBe(mine);
    expect(merged.twice).toEqual([{ name: "steps.a", field: "with.text", mine: "mine", theirs: "theirs" }]);
    expect(merge(base, mine, theirs, "theirs").text).toBe(theirs);
  });

  const both = (text: string, note = "") =>
    `steps:\n  # said first\n  - id: a\n    action: send\n    with: {text: ${text}}   # so\n${note}`;

  test("takes what each did to fields of one step, with the comments", () => {
    const base = both("{en: Hi, it: Ciao}");
    const theirs = both("{en: Hi, it: Salve}", "    # theirs\n    note: Mind this\n");
    expect(merge(base, both("{en: Hello, it: Ciao}"), theirs)).toEqual({
      text: both("{en: Hello, it: Salve}", "    # theirs\n    note: Mind this\n"),
      twice: [],
    });
    expect(merge(base, theirs, both("{en: Hello, it: Ciao}")).text).toBe(
      both("{en: Hello, it: Salve}", "    # theirs\n    note: Mind this\n"),
    );
  });

  test("asks for the field alone that both changed, and keeps the others whoever is preferred", () => {
    const base = both("{en: Hi, it: Ciao}");
    const [mine, theirs] = [both("{en: Mine, it: Ciao}", "    note: n\n"), both("{en: Theirs, it: Salve}")];
    const merged = merge(base, mine, theirs);
    expect(merged.twice).toEqual([
      { name: "steps.a", field: "with.text.en", mine: "Mine", theirs: "Theirs" },
    ]);
    expect(merged.text).toBe(both("{en: Mine, it: Salve}", "    note: n\n"));
    expect(merge(base, mine, theirs, "theirs").text).toBe(both("{en: Theirs, it: Salve}", "    note: n\n"));
    // What was merged once is merged to the same again.
    expect(merge(base, merged.text, theirs, "theirs").text).toBe(
      both("{en: Theirs, it: Salve}", "    note: n\n"),
    );
  });

  test("asks for the whole step where both did more than change values", () => {
    const base = both("Hi");
    const mine = both("Hi", "    # mine\n");
    const theirs = both("Hello", "    # theirs\n");
    expect(merge(base, mine, theirs).twice.map((each) => [each.name, each.field])).toEqual([
      ["steps.a", undefined],
    ]);
  });

  test("loses no step that only one side changed", () => {
    const text = fc.constantFrom("1", "2", "3");
    const ids = ["a", "b", "c", "d"];
    fc.assert(
      fc.property(fc.tuple(text, text, text, text), fc.subarray(ids), (texts, touched) => {
        const base = flow(ids.map((id) => [id, "0"]));
        const mine = flow(ids.map((id, place) => [id, touched.includes(id) ? (texts[place] ?? "") : "0"]));
        const theirs = flow(ids.map((id, place) => [id, touched.includes(id) ? "0" : (texts[place] ?? "")]));
        const merged = merge(base, mine, theirs);
        expect(merged.twice).toEqual([]);
        expect(merged.text).toBe(flow(ids.map((id, place) => [id, texts[place] ?? ""])));
      }),
    );
  });
});
