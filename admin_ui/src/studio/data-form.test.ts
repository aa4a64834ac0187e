import { expect, test } from "vitest";
import { dataForm, givenOf } from "./data-form";

const FILES = {
  "bot.yaml": "languages: [en, it]\n",
  "flows/order.yaml": `id: order
data:
  schema:
    type: object
    required: [item]
    properties:
      item: {type: string, enum: [pen, book], title: {en: What, it: Cosa}}
      where: {type: object, title: {en: Where, it: Dove}, required: [street], properties: {street: {type: string, title: {en: Street, it: Via}}}}
      title: {$ref: "#/$defs/plain"}
      photo: {type: object, format: photo}
    if: {properties: {item: {const: book}}}
    then: {properties: {cover: {type: string}}, required: [cover]}
    $defs: {plain: {type: string, title: {en: Title, it: Titolo}}}
  ui_schema:
    item: {ui:enumNames: [{en: A pen, it: Una penna}, {en: A book, it: Un libro}]}
`,
  "flows/bare.yaml": "id: bare\nsteps: []\n",
  "flows/broken.yaml": "id: [",
};

test("the form of a flow's data has all its fields, in one language, and needs none", () => {
  const form = dataForm(FILES, "order", "it");
  expect(form?.words.item).toEqual({ title: "Cosa", options: { pen: "Una penna", book: "Un libro" } });
  expect(form?.schema).toEqual({
    type: "object",
    properties: {
      cover: { type: "string", title: "Cover" },
      item: { type: "string", enum: ["pen", "book"], title: "Cosa" },
      where: {
        type: "object",
        title: "Dove",
        required: ["street"],
        properties: { street: { type: "string", title: "Via" } },
      },
      title: { type: "string", title: "Titolo" },
    },
    $defs: { plain: { type: "string", title: "Titolo" } },
  });
  expect(dataForm(FILES, "bare", "it")).toBeUndefined();
  expect(dataForm(FILES, "broken", "it")).toBeUndefined();
  expect(dataForm(FILES, "gone", "it")).toBeUndefined();
});

test("what a form leaves empty is not given", () => {
  const filled = { item: "pen", where: { street: undefined }, stops: [], count: 0, vip: false, none: null };
  expect(givenOf(filled)).toEqual({ item: "pen", count: 0, vip: false });
  expect(givenOf({ stops: ["a", undefined], where: { street: "Via Po" } })).toEqual({
    stops: ["a"],
    where: { street: "Via Po" },
  });
});
