import { expect, test } from "vitest";
import { fitFrame, fitMenu, fitText } from "./fit";

const CLOUD = {
  text: 4096,
  buttons: 3,
  button_title: 20,
  button_text: 1024,
  list_rows: 10,
  list_title: 24,
  list_description: 72,
  list_text: 4096,
  list_open_label: 20,
  section_title: 24,
  header: 60,
  footer: 60,
};
const LINKED = { text: 4096, header: 60, footer: 60 };
const HOW = { label: "Choose", more: "More…" };
const choices = (...titles: string[]) =>
  titles.map((title) => ({ id: title, title, description: "", section: "" }));
const many = (count: number) => choices(...Array.from({ length: count }, (_, place) => `Choice ${place}`));

test("choices are shown as the channel can, with why they are not as they were meant", () => {
  const kinds = (...given: Parameters<typeof fitMenu>) => {
    const { said, notes } = fitMenu(...given);
    return [said.map((each) => each.kind), notes];
  };
  expect(kinds("Well?", many(3), CLOUD, HOW)).toEqual([["buttons"], []]);
  expect(kinds("Well?", many(4), CLOUD, HOW)).toEqual([
    ["list"],
    [{ why: "many", most: 3, count: 4, how: "list" }],
  ]);
  expect(kinds("Well?", many(4), CLOUD, { ...HOW, how: "list" })).toEqual([["list"], []]);
  expect(kinds("Well?", choices("Yes", "On the terrace, please"), CLOUD, HOW)).toEqual([
    ["list"],
    [{ why: "button", most: 20, count: 22, words: "On the terrace, please", how: "list" }],
  ]);
  expect(kinds("Well?", choices("On the terrace, if there is room"), CLOUD, HOW)).toMatchObject([
    ["text"],
    [{ why: "button" }, { why: "row", most: 24, count: 32, how: "numbers" }],
  ]);
  // What was meant to be opened, or has descriptions, is no button by anybody's mistake.
  const described = [{ id: "a", title: "A", description: "The first", section: "" }];
  expect(kinds("Well?", described, CLOUD, HOW)).toEqual([["list"], []]);
  expect(kinds("Well?", described, CLOUD, { ...HOW, how: "buttons" })).toEqual([
    ["list"],
    [{ why: "described", how: "list" }],
  ]);
  expect(kinds("Well?", many(2), LINKED, HOW)).toEqual([["text"], [{ why: "no_choices", how: "numbers" }]]);
  expect(kinds("Well?", many(2), LINKED, { ...HOW, how: "text" })).toEqual([["text"], []]);
  expect(fitMenu("Well?", choices("Yes", "No"), LINKED, HOW).said).toEqual([
    { kind: "text", text: "Well?\n\n1. Yes\n2. No" },
  ]);
});

test("a list has pages", () => {
  const { said, notes } = fitMenu("Well?", many(12), CLOUD, { ...HOW, how: "list" });
  expect(notes).toEqual([{ why: "rows", most: 10, count: 9, words: "More…" }]);
  const rows = [...many(9), ...choices("More…")].map(({ title }) => ({ title }));
  expect(said).toMatchObject([{ kind: "list", sections: [{ rows }] }]);
});

test("a long text is several messages, cut where it can be", () => {
  const words = `${"word ".repeat(15)}end.\n\n${"more ".repeat(4)}`.trim();
  const { said, notes } = fitText(words, { text: 90 });
  expect(said.map((each) => each.text)).toEqual([`${"word ".repeat(15)}end.`, "more more more more"]);
  expect(notes).toEqual([{ why: "long", most: 90, count: 2 }]);
  expect(fitText("😀".repeat(3), { text: 3 }).said.map((each) => each.text)).toEqual(["😀", "😀", "😀"]);
  // What an expression inserts is not known: it counts as nothing.
  expect(fitText(`{{ ${"long_name".repeat(20)} }}`, { text: 90 }).notes).toEqual([]);
  expect(fitText("", { text: 90 })).toEqual({ said: [], notes: [] });
});

test("a header and a footer have their places, or are messages or lines", () => {
  const asked = fitMenu("Well?", many(2), CLOUD, HOW);
  expect(fitFrame(asked, "Anna", "Daily", CLOUD)).toMatchObject({
    said: [{ kind: "buttons", header: "Anna", footer: "Daily" }],
    notes: [],
  });
  const long = "open daily ".repeat(7).trim();
  expect(fitFrame(asked, "Anna", long, CLOUD)).toMatchObject({
    said: [{ text: "Anna" }, { kind: "buttons" }, { text: long }],
    notes: [{ why: "framed", most: 60, count: 76 }],
  });
  expect(fitFrame(fitText("Well?", CLOUD), "Anna", "", CLOUD).said).toEqual([
    { kind: "text", text: "Anna\n\nWell?" },
  ]);
});
