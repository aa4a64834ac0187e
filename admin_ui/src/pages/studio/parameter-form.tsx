/**
 * The form of an action's or a trigger's parameters. Each of ours is plain, and draws at once; a declared action may have
 * any schema, and gets all of rjsf, which is fetched then.
 */
import type { FormProps } from "@rjsf/core";
import type { RJSFSchema, UiSchema } from "@rjsf/utils";
import { lazy, Suspense, useMemo } from "react";
import { PlainForm } from "../../ui/schema-form/plain-form";
import { Loading } from "../../ui/skeleton";

type Schema = RJSFSchema;
const WholeForm = lazy(() => import("../../ui/schema-form/whole-form"));

export function ParameterForm(props: Omit<FormProps, "validator">) {
  const { schema, uiSchema } = props;
  const simple = useMemo(() => plain(schema, uiSchema ?? {}), [schema, uiSchema]);
  if (simple) return <PlainForm {...props} />;
  const { ObjectFieldTemplate: _, ...templates } = props.templates ?? {}; // its own has a button for names that are free
  return (
    <Suspense fallback={<Loading />}>
      <WholeForm {...props} templates={templates} />
    </Suspense>
  );
}

/** Keywords that `PlainForm` understands, or that say nothing about how something is drawn. */
const PLAIN = new Set([
  "$id",
  "$schema",
  "additionalProperties",
  "deprecated",
  "description",
  "enum",
  "examples",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "maxLength",
  "maximum",
  "maxProperties",
  "minLength",
  "minimum",
  "minProperties",
  "multipleOf",
  "outcomes",
  "pattern",
  "properties",
  "readOnly",
  "required",
  "title",
  "type",
  "ui_schema",
]);
const PLAIN_TYPES = ["string", "integer", "number", "boolean", "object"];
const PLAIN_HINTS = ["title", "description", "help", "placeholder", "order", "enumNames"].map(
  (each) => `ui:${each}`,
);
const OUR_FIELDS = ["TextByLanguage", "Entries", "Words", "Yaml", "Absent"];

/** Whether `PlainForm` draws all of it, given as `drawable` makes it. */
export function plain(schema: Schema, hints: UiSchema): boolean {
  if (OUR_FIELDS.includes(String(hints["ui:field"]))) return true;
  return (
    Object.keys(schema).every((key) => PLAIN.has(key)) &&
    PLAIN_TYPES.includes(String(schema.type ?? (schema.enum ? "string" : ""))) &&
    (schema.additionalProperties ?? false) === false &&
    Object.entries(hints).every(
      ([key, value]) =>
        !key.startsWith("ui:") || PLAIN_HINTS.includes(key) || (key === "ui:widget" && value === "textarea"),
    ) &&
    Object.entries((schema.properties ?? {}) as Record<string, Schema>).every(([name, each]) =>
      plain(each, (hints[name] ?? {}) as UiSchema),
    )
  );
}
