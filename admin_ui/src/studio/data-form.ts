/** What a flow's data can hold as a form: all of its fields, none of which has to be given. */
import { parse } from "yaml";
import { fileOfFlow } from "./flow-files";
import { collected, type FormShown } from "./preview";
import { type Tongue, tongueOf } from "./tongue";

type Map_ = Record<string, unknown>;
const WITHIN = ["then", "else"];
const SEVERAL = ["allOf", "anyOf", "oneOf"];

/** undefined: the flow has no fields, or cannot be read. */
export function dataForm(
  files: Readonly<Record<string, string>>,
  flow: string,
  language: string,
): FormShown | undefined {
  const path = fileOfFlow(files, flow);
  const data = map(map(read(files[path ?? ""])).data);
  const schema = map(data.schema);
  const properties = declared(schema);
  const fields = Object.keys(properties);
  if (fields.length === 0) return undefined;
  const tongue = tongueOf(files, language);
  const { form } = collected(fields, {
    tongue,
    limits: {},
    own: { yes: "", no: "", open: "", more: "" },
    frames: {},
    data: { ...data, schema: { ...schema, properties } },
    at: `flows/${flow}`,
  });
  if (!form) return undefined;
  const { required: _, ...whole } = form.schema;
  const defs = schema.$defs === undefined ? {} : { $defs: schema.$defs };
  return { ...form, schema: spoken({ ...whole, ...defs }, tongue) as Map_ };
}

/** What of a form was given: what is empty is not. */
export function givenOf(data: Map_): Map_ {
  return map(pruned(data));
}

/** The properties of a schema, with those that it has only under a condition, and what they refer to. */
function declared(schema: Map_, root = schema): Map_ {
  const parts = [
    ...WITHIN.map((word) => schema[word]),
    ...SEVERAL.flatMap((word) => (Array.isArray(schema[word]) ? schema[word] : [])),
    ...Object.values(map(schema.dependentSchemas)),
  ].map(map);
  const inner = parts.filter((part) => Object.keys(part).length > 0);
  const own = Object.entries(map(schema.properties)).map(([name, each]) => {
    const { $ref, ...rest } = map(each);
    const target = typeof $ref === "string" ? map(map(root.$defs)[$ref.replace("#/$defs/", "")]) : {};
    return [name, { ...target, ...rest }] as const;
  });
  // A file or a place is no text that could be written here.
  const written = own.filter(
    ([, { type, properties }]: readonly [string, Map_]) => type !== "object" || properties,
  );
  return Object.assign({}, ...inner.map((part) => declared(part, root)), Object.fromEntries(written));
}

/** A schema with titles and descriptions in one language; below `properties` and `$defs` keys are names. */
function spoken(part: unknown, tongue: Tongue, named = false): unknown {
  if (Array.isArray(part)) return part.map((each) => spoken(each, tongue));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) =>
      !named && (key === "title" || key === "description")
        ? [key, tongue.text(value, "")]
        : [key, spoken(value, tongue, !named && (key === "properties" || key === "$defs"))],
    ),
  );
}

function pruned(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) {
    const items = value.map(pruned).filter((each) => each !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== "object") return value;
  const told = Object.entries(value).flatMap(([key, each]) => {
    const left = pruned(each);
    return left === undefined ? [] : [[key, left]];
  });
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

function read(text: string | undefined): unknown {
  try {
    return parse(text ?? "", { version: "1.2" });
  } catch {
    return {}; // the problems say why
  }
}

const map = (value: unknown): Map_ =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Map_) : {};
