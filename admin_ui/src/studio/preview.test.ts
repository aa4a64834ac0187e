import { describe, expect, test } from "vitest";
import { fitted, previewOf } from "./preview";

const FILES = {
  "bot.yaml": `languages: [en, it]
frames: {house: {header: {en: Da Anna, it: Da Anna}, footer: Open daily}}
`,
  "flows/hello.yaml": `id: hello
title: {en: Hello, it: Saluti}
data:
  schema:
    required: [size]
    properties:
      size: {type: string, enum: [s, l], title: {en: Size, it: Taglia}}
      email: {type: string, title: E-mail}
      news: {type: boolean}
  ui_schema:
    size: {ui:enumNames: [Small, {en: Large, it: Grande}]}
    email: {ui:prompt: {en: Your address?, it: Il tuo indirizzo?}, ui:placeholder: you@example.com}
steps:
  - id: ask
    action: menu
    with:
      text: {en: What now?}
      choices:
        book: {en: Book, it: Prenota}
        person: {title: {en: A person, it: Una persona}, description: By phone}
      frame: house
    then: {person: bye}
  - id: form
    action: collect
    with: {fields: [size, email, news]}
  - id: bye
    action: send
    with: {text: [One, Two]}
    next: stop
`,
  "texts/it.yaml":
    "chatloom: texts/v1\ntexts: {flows/hello/steps/ask/with/text: {from: What now?, to: E adesso?}}\n",
};
const CLOUD = {
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
const YES_NO = { yes: "Yes", no: "No" };

describe("a preview", () => {
  test("shows each step as its messages, in one language, with translations that stand apart", () => {
    const shown = previewOf(FILES, "flows/hello.yaml", "it", CLOUD, YES_NO);
    expect(shown).toMatchObject({ id: "hello", title: "Saluti", broken: false });
    const [ask, form, bye] = shown.steps;
    expect(ask).toMatchObject({ missing: false, ways: [["person", "bye"]] });
    expect(ask?.said[0]).toMatchObject({
      kind: "list",
      text: "E adesso?",
      header: "Da Anna",
      footer: "Open daily",
      sections: [{ rows: [{ title: "Prenota" }, { title: "Una persona", description: "By phone" }] }],
    });
    expect(
      form?.asks.map((each) => [each.field, each.required, each.content[0]?.kind, each.content[0]?.text]),
    ).toEqual([
      ["size", true, "buttons", "Taglia"],
      ["email", false, "text", "Il tuo indirizzo?\n(you@example.com)"],
      ["news", false, "buttons", "News"],
    ]);
    expect(form?.form?.words.size).toEqual({ title: "Taglia", options: { s: "Small", l: "Grande" } });
    expect(bye).toMatchObject({ said: [{ kind: "text", text: "One" }], ways: [["", "stop"]] });
  });

  test("says where a language is missing, and shows another one", () => {
    const { "texts/it.yaml": _, ...less } = FILES;
    const [ask, form] = previewOf(less, "flows/hello.yaml", "it", CLOUD, YES_NO).steps;
    expect([ask?.missing, ask?.said[0]?.text, form?.missing]).toEqual([true, "What now?", false]);
  });

  test("shows choices as the channel can", () => {
    const options = ["Yes", "No", "Perhaps", "Never"].map((title) => ({
      id: title,
      title,
      description: "",
      section: "",
    }));
    expect(fitted("Well?", options.slice(0, 3), CLOUD).kind).toBe("buttons");
    expect(fitted("Well?", options, CLOUD).kind).toBe("list");
    expect(fitted("Well?", options.slice(0, 2), {})).toEqual({
      kind: "text",
      text: "Well?\n\n1. Yes\n2. No",
    });
  });

  test("says that a file cannot be read", () => {
    expect(previewOf({ "flows/x.yaml": "a: [" }, "flows/x.yaml", "en", CLOUD, YES_NO)).toMatchObject({
      broken: true,
    });
  });
});
