import { readdirSync, readFileSync } from "node:fs";
import type { RJSFSchema, UiSchema } from "@rjsf/utils";
import i18next from "i18next";
import type { ComponentProps } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import frame from "../../locales/it/frame.json";
import { drawable } from "../../studio/form-schema";
import { PlainForm } from "../../ui/schema-form/plain-form";
import { FieldTemplate, Nothing, ObjectFieldTemplate, WIDGETS } from "../../ui/schema-form/schema-form";
import WholeForm from "../../ui/schema-form/whole-form";
import { plain } from "./parameter-form";
import { Absent, Entries, Line, TextByLanguage, Words, Yaml } from "./step-fields";

const DRAWN = {
  fields: { TextByLanguage, Entries, Words, Yaml, Absent },
  templates: { FieldTemplate, TitleFieldTemplate: Nothing, DescriptionFieldTemplate: Nothing },
  widgets: { ...WIDGETS, TextWidget: Line },
};

const OURS = ["actions", "triggers"].flatMap((folder) => {
  const at = new URL(`../../../../schemas/json/${folder}/`, import.meta.url);
  return readdirSync(at).map((file): [string, RJSFSchema] => [
    file,
    JSON.parse(readFileSync(new URL(file, at), "utf8")),
  ]);
});
const plainly = (schema: RJSFSchema, hints: UiSchema) => {
  const drawn = drawable(schema, hints, all(schema));
  return plain(drawn.schema, drawn.hints);
};
const all = (schema: RJSFSchema) => Object.keys(schema.properties ?? {});

function markup(Form: typeof PlainForm, schema: RJSFSchema, hints: UiSchema, present: string[]): string {
  const drawn = drawable(schema, hints, present);
  return renderToStaticMarkup(
    <Form
      {...DRAWN}
      schema={drawn.schema}
      uiSchema={drawn.hints}
      formContext={{ languages: { all: ["en", "it"], shown: "it", name: String }, found: [], prefix: "with" }}
      idPrefix="with"
      tagName="div"
    >
      <span />
    </Form>,
  ).replaceAll(/radix-_\w+_/g, "radix");
}

/** With groups as ours are drawn: the whole form's own have a button for names that are free. */
function Whole(props: ComponentProps<typeof WholeForm>) {
  return <WholeForm {...props} templates={{ ...props.templates, ObjectFieldTemplate }} />;
}

test.each(OURS)("%s is drawn by the plain form as by the whole one", (_, schema) => {
  const hints = schema.ui_schema as UiSchema;
  expect(plainly(schema, hints)).toBe(true);
  for (const present of [[], all(schema)]) {
    const drawn = markup(PlainForm, schema, hints, present);
    for (const name of all(schema)) expect(drawn).toMatch(new RegExp(`id="with_${name}["_]`));
    expect(drawn).toBe(markup(Whole, schema, hints, present));
  }
});

const declared = (property: RJSFSchema, more: RJSFSchema = {}): RJSFSchema => ({
  type: "object",
  properties: { given: { title: "Given", ...property } },
  ...more,
});
const text: RJSFSchema = { type: "string" };
const RICH: [string, RJSFSchema, UiSchema, string][] = [
  ["a day", declared({ ...text, format: "date" }), {}, 'type="date"'],
  [
    "a choice by a button",
    declared({ ...text, enum: ["a"] }),
    { given: { "ui:options": { widget: "radio" } } },
    'type="radio"',
  ],
  ["allOf", declared(text, { allOf: [{ properties: { more: text } }] }), {}, 'id="with_more"'],
  [
    "if",
    declared(text, { if: { required: ["no"] }, else: { properties: { more: text } } }),
    {},
    'id="with_more"',
  ],
  ["names that are free", declared(text, { additionalProperties: text }), {}, "rjsf-object-property-expand"],
  [
    "a group with a list",
    declared({
      type: "object",
      properties: {
        list: { type: "object", properties: { deep: text }, oneOf: [{ title: "One" }, { title: "Two" }] },
      },
    }),
    {},
    "One",
  ],
];

test.each(RICH)("%s in a declared action is drawn by the whole form", (_, schema, hints, drawn) => {
  expect(plainly(schema, hints)).toBe(false);
  expect(markup(WholeForm, schema, hints, all(schema))).toContain(drawn);
});

test("what rjsf says by itself is in the person's language", async () => {
  await i18next.init({ lng: "it", resources: { it: { frame } }, interpolation: { escapeValue: false } });
  const properties: RJSFSchema = {
    list: { type: "array", items: text },
    either: { anyOf: [text, { type: "boolean" }] },
  };
  const drawn = renderToStaticMarkup(
    <WholeForm
      {...DRAWN}
      schema={{ type: "object", properties }}
      formData={{ list: ["a", "b"] }}
      formContext={{ languages: { all: [] }, found: [], prefix: "with" }}
    />,
  );
  for (const said of ["Aggiungi una voce", "Sposta su", "Rimuovi", "Opzione 2"])
    expect(drawn).toContain(said);
  expect(drawn).not.toMatch(/Add Item|Move up|Remove|Option 2/);
});
