import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freshId, insertStep, moveStep, readFlow, removeStep, renameStep } from "./flow-text";
import { setValue } from "./splice";

const FLOW = `# A greeting
chatloom: flow/v1
id: hello   # its name
triggers:
  - message: {words: [hi]}
defaults: {failed: bye}
steps:
  # first
  - id: ask
    action: menu
    with:
      text: {en: "Hello!", it: Ciao}   # both
      choices:
        yes:   Yes
        no: No
    then: {no: bye, other: ask}

  - id: middle
    action: send
    with: {text: Well}
    next: bye

  - id: bye
    action: send
    with:
      text: >
        Bye,
        bye
`;

/** The lines that differ, as pairs of what was and what is. */
function changed(before: string, after: string): [string[], string[]] {
  const [one, other] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < Math.min(one.length, other.length) && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(one.length, other.length) - head && one.at(-1 - tail) === other.at(-1 - tail))
    tail += 1;
  return [one.slice(head, one.length - tail), other.slice(head, other.length - tail)];
}

describe("a splice", () => {
  test.each([
    [
      "a text in brackets",
      ["steps", 0, "with", "text", "it"],
      "Salve, mondo: 1",
      '      text: {en: "Hello!", it: "Salve, mondo: 1"}   # both',
    ],
    ["a plain value", ["steps", 0, "with", "choices", "yes"], "Of course", "        yes:   Of course"],
    [
      "a new key behind others",
      ["steps", 0, "with", "choices", "maybe"],
      "Perhaps",
      "        maybe: Perhaps",
    ],
    [
      "a new key in brackets",
      ["steps", 0, "then", "yes"],
      "middle",
      "    then: {no: bye, other: ask, yes: middle}",
    ],
    ["a key of the step", ["steps", 1, "timeout"], "30m", "    timeout: 30m"],
    ["what was not there at all", ["steps", 1, "then", "undelivered"], "bye", "    then: {undelivered: bye}"],
  ] as const)("sets %s", (_, path, value, line) => {
    const spliced = setValue(FLOW, [...path], value);
    expect(changed(FLOW, spliced)[1]).toEqual([line]);
  });

  test("puts a folded text on one line", () => {
    const [was, is] = changed(FLOW, setValue(FLOW, ["steps", 2, "with", "text"], "Ciao!"));
    expect(was.length).toBe(3);
    expect(is).toEqual(["      text: Ciao!"]);
  });

  test("takes one value out, and what is empty then", () => {
    expect(changed(FLOW, setValue(FLOW, ["steps", 0, "then", "no"], undefined))[1]).toEqual([
      "    then: {other: ask}",
    ]);
    expect(changed(FLOW, setValue(FLOW, ["steps", 1, "next"], undefined))).toEqual([["    next: bye"], []]);
    const less = setValue(FLOW, ["defaults", "failed"], undefined);
    expect(changed(FLOW, less)).toEqual([["defaults: {failed: bye}"], []]);
  });

  test("puts a step in, moves it and takes it out again: the same bytes", () => {
    const more = insertStep(FLOW, "ask", { id: "new", action: "send", with: { text: "New" } });
    expect(readFlow(more).steps.map((step) => step.id)).toEqual(["ask", "new", "middle", "bye"]);
    expect(removeStep(more, "new")).toBe(FLOW);
    const down = moveStep(FLOW, "ask", 1);
    expect(readFlow(down).steps.map((step) => step.id)).toEqual(["middle", "ask", "bye"]);
    expect(moveStep(down, "ask", -1)).toBe(FLOW);
  });

  test("renames a step and all that lead to it", () => {
    const renamed = renameStep(FLOW, "bye", "so_long");
    const flow = readFlow(renamed);
    expect(flow.steps.map((step) => step.id)).toEqual(["ask", "middle", "so_long"]);
    expect([flow.steps[0]?.then.no, flow.steps[1]?.next, flow.defaults.failed]).toEqual([
      "so_long",
      "so_long",
      "so_long",
    ]);
    expect(renameStep(renamed, "so_long", "bye")).toBe(FLOW);
    expect(freshId(flow, "ask")).toBe("ask_2");
  });

  test("changes no line outside its step, whatever is written", () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.boolean(),
      fc.integer(),
      fc.dictionary(fc.stringMatching(/^[a-z]{2}$/), fc.string(), { minKeys: 1, maxKeys: 3 }),
    );
    const place = fc.constantFrom<(string | number)[]>(
      ["steps", 1, "with", "text"],
      ["steps", 1, "with", "other"],
      ["steps", 1, "note"],
      ["steps", 1, "then", "undelivered"],
      ["steps", 1, "next"],
    );
    const end = fc.constantFrom("\n", "\r\n");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.option(value, { nil: undefined })), { maxLength: 6 }),
        end,
        (edits, ends) => {
          const begun = FLOW.replaceAll("\n", ends);
          const [head, tail] = [
            begun.slice(0, begun.indexOf("  - id: middle")),
            begun.slice(begun.indexOf(`${ends}  - id: bye`)),
          ];
          let text = begun;
          for (const [path, to] of edits) text = setValue(text, path, to);
          expect(text.startsWith(head)).toBe(true);
          expect(text.endsWith(tail)).toBe(true);
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 150) },
    );
  });
});
