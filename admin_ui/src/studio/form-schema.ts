/**
 * An action's JSON Schema as a form can draw it: texts by language, maps and what has several shapes get fields of our
 * own; defaults are left out, since a form writes only what somebody wrote.
 */
import type { RJSFSchema, UiSchema } from "@rjsf/utils";

type Schema = RJSFSchema;
type Drawn = { schema: Schema; hints: UiSchema };

const OURS = (field: string): UiSchema => ({ "ui:field": field, "ui:fieldReplacesAnyOrOneOf": true });

/** `present`: which properties the step has; a group that it does not need is then one button. */
export function drawable(
  schema: Schema,
  hints: UiSchema,
  present: string[],
): { schema: Schema; hints: UiSchema } {
  const defs = (schema.$defs ?? {}) as Record<string, Schema>;
  const drawn = object(schema, hints, defs);
  for (const [name, each] of Object.entries(drawn.schema.properties as Record<string, Schema>))
    if (each.type === "object" && !present.includes(name) && !(schema.required ?? []).includes(name))
      Object.assign(drawn, {
        schema: {
          ...drawn.schema,
          properties: { ...drawn.schema.properties, [name]: { title: each.title } },
        },
        hints: { ...drawn.hints, [name]: OURS("Absent") },
      });
  const { title: _, description: __, ...rest } = drawn.schema;
  return { schema: rest, hints: drawn.hints };
}

function object(schema: Schema, hints: UiSchema, defs: Record<string, Schema>): Drawn {
  const properties: Record<string, Schema> = {};
  const drawn: UiSchema = { ...hints };
  for (const [name, each] of Object.entries((schema.properties ?? {}) as Record<string, Schema>)) {
    const one = property(each, (hints[name] ?? {}) as UiSchema, defs);
    properties[name] = one.schema;
    drawn[name] = one.hints;
  }
  const { $defs: _, default: __, ...rest } = schema;
  return { schema: { ...rest, properties }, hints: drawn };
}

function property(given: Schema, hints: UiSchema, defs: Record<string, Schema>): Drawn {
  const named = typeof given.$ref === "string" ? (defs[given.$ref.replace("#/$defs/", "")] ?? {}) : {};
  const { $ref: _, default: __, ...rest } = given;
  const schema: Schema = { ...named, ...rest };
  delete schema.default;
  const words = {
    title: schema.title,
    ...(given.description ? { description: given.description } : {}),
  } as Schema;
  const own = { ...((named as { ui_schema?: UiSchema }).ui_schema ?? {}), ...hints };
  if (isText(schema)) return { schema: words, hints: { ...hints, ...OURS("TextByLanguage") } };
  const either = (schema.anyOf ?? []) as Schema[];
  const [only, ...others] = either.filter((each) => each.type !== "null");
  if (only && others.length === 0) return property({ ...only, ...words }, hints, defs);
  if (either.length > 0) return { schema: words, hints: { ...hints, ...OURS("Yaml") } };
  if (schema.type === "object" && schema.properties) return object(schema, own, defs);
  if (schema.type === "object") {
    const of =
      Object.values((schema.patternProperties ?? {}) as Record<string, Schema>)[0] ??
      schema.additionalProperties;
    const inner = typeof of === "object" ? (of as Schema) : {};
    if (
      isText(inner) ||
      ((inner.anyOf ?? []) as Schema[]).some((each) => each.$ref !== undefined && hasText(inner))
    )
      return { schema: words, hints: { ...hints, ...OURS("Entries"), "ui:options": { of: "text" } } };
    if (inner.type === "string")
      return { schema: words, hints: { ...hints, ...OURS("Entries"), "ui:options": { of: "line" } } };
    if (inner.type === "integer" || inner.type === "number")
      return { schema: words, hints: { ...hints, ...OURS("Entries"), "ui:options": { of: "number" } } };
    return { schema: words, hints: { ...hints, ...OURS("Yaml") } };
  }
  if (schema.type === "array") {
    const items = (schema.items ?? {}) as Schema;
    return items.type === "string"
      ? { schema: words, hints: { ...hints, ...OURS("Words") } }
      : { schema: words, hints: { ...hints, ...OURS("Yaml") } };
  }
  if (schema.type === undefined && !schema.enum)
    return { schema: words, hints: { ...hints, ...OURS("Yaml") } };
  const known = ["textarea"].includes(String(hints["ui:widget"]));
  const { "ui:widget": ___, ...plain } = hints;
  return { schema, hints: known ? hints : plain };
}

/** How much of a path in the value is drawn as a field of its own. */
export function deepest(schema: Schema, at: readonly string[]): string[] {
  const [name, ...rest] = at;
  const inner =
    name === undefined ? undefined : (schema.properties as Record<string, Schema> | undefined)?.[name];
  if (name === undefined || !inner) return [];
  return inner.type === "object" ? [name, ...deepest(inner, rest)] : [name];
}

/** A text of the flow language: words, a map by language, or variants. */
function isText(schema: Schema): boolean {
  const shapes = (schema.anyOf ?? []) as Schema[];
  return shapes.some((each) => each.type === "string") && shapes.some((each) => byLanguage(each));
}

function hasText(schema: Schema): boolean {
  return ((schema.anyOf ?? []) as Schema[]).some((each) => byLanguage(each));
}

function byLanguage(schema: Schema): boolean {
  return Object.keys(schema.patternProperties ?? {}).some((pattern) => pattern.startsWith("^[a-z]{2,3}"));
}

/** What differs between two values, as paths: maps are walked, everything else is one value. */
export function differences(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  at: string[] = [],
): [string[], unknown][] {
  const found: [string[], unknown][] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    // A map whose keys come in another order is written anew: their order is what people see.
    if (isMap(old) && isMap(now) && inOrder(old, now)) found.push(...differences(old, now, [...at, key]));
    else found.push([[...at, key], now]);
  }
  return found;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}

function inOrder(before: Record<string, unknown>, after: Record<string, unknown>): boolean {
  const kept = Object.keys(before).filter((key) => key in after);
  const here = Object.keys(after).filter((key) => key in before);
  const added = Object.keys(after).slice(here.length);
  return (
    kept.every((key, place) => here[place] === key) &&
    added.every((key) => !(key in before)) &&
    kept.length > 0
  );
}
