import { describe, expect, test } from "vitest";
import { previewOf, roomOf, stepIn } from "./preview";

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
  text: 4096,
  caption: 1024,
  link_label: 20,
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
const OWN = { yes: "Yes", no: "No", open: "Choose", more: "More…" };

describe("a preview", () => {
  test("shows each step as its messages, in one language, with translations that stand apart", () => {
    const shown = previewOf(FILES, "flows/hello.yaml", "it", CLOUD, OWN);
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
    const [ask, form] = previewOf(less, "flows/hello.yaml", "it", CLOUD, OWN).steps;
    expect([ask?.missing, ask?.said[0]?.text, form?.missing]).toEqual([true, "What now?", false]);
  });

  test("says that a file cannot be read", () => {
    expect(previewOf({ "flows/x.yaml": "a: [" }, "flows/x.yaml", "en", CLOUD, OWN)).toMatchObject({
      broken: true,
    });
  });

  test("of a step that is written says what the channel shows in another way", () => {
    const on = (limits: object, action: string, given: object) => {
      const room = roomOf(FILES, "flows/hello.yaml", "en", { ...limits }, OWN);
      const { said, notes } = stepIn(room, { id: "new", action, with: given });
      return [said.map((each) => each.kind), notes.map(({ why, how }) => [why, how])];
    };
    const linked = { text: 4096, caption: 1024 };
    const link = { text: "Here", link: { label: "The menu of the house today", url: "https://example.com" } };
    expect(on(CLOUD, "send", link)).toEqual([["text"], [["link", "address"]]]);
    expect(on(linked, "send", link)).toEqual([["text"], [["no_link", "address"]]]);
    expect(on(CLOUD, "send", { reaction: "👍", text: "Thanks" })).toEqual([
      ["text"],
      [["no_reaction", undefined]],
    ]);
    const file = { kind: "audio", caption: "Listen" };
    expect(on(CLOUD, "send", { file })).toEqual([["audio", "text"], [["caption", undefined]]]);
    expect(on(CLOUD, "template", { name: "visit" })).toEqual([[], [["no_template", "undelivered"]]]);
    expect(on(CLOUD, "template", { name: "visit", text: "Tomorrow" })).toEqual([
      ["text"],
      [["no_template", "text"]],
    ]);
    expect(on({ ...CLOUD, template: true }, "template", { name: "visit" })).toEqual([["template"], []]);
    // A field of the flow's data, by the question that asks for it.
    const asked = roomOf(FILES, "flows/hello.yaml", "en", linked, OWN);
    expect(stepIn(asked, { action: "collect", with: { fields: ["size", "news", "email"] } }).notes).toEqual([
      { why: "no_choices", how: "numbers" },
    ]);
    expect(on(CLOUD, "set", {})).toEqual([[], []]);
  });
});
