/**
 * Checks a form's data. ajv, which rjsf brings, compiles code, which the policy of our pages forbids: it would find no
 * fault at all. This one interprets the schema.
 */
import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import {
  createErrorHandler,
  type FormContextType,
  getDefaultFormState,
  ID_KEY,
  type RJSFSchema,
  type RJSFValidationError,
  toErrorSchema,
  unwrapErrorHandler,
  type ValidatorType,
  validationDataMerge,
} from "@rjsf/utils";
import i18next from "i18next";

/** They say only that something below them is wrong. */
const ABOVE = new Set([
  "properties",
  "items",
  "prefixItems",
  "$ref",
  "anyOf",
  "oneOf",
  "allOf",
  "if",
  "then",
  "else",
  "additionalProperties",
]);
const SAID = [
  "required",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minLength",
  "maxLength",
  "pattern",
  "type",
  "enum",
] as const;
const validators = new WeakMap<object, Validator>();

type Data = Record<string, unknown>;

/** What is wrong with `data`: of several branches that all fail, what the first one says that is no fixed value. */
export function faults(schema: object, data: unknown): RJSFValidationError[] {
  const errors = units(schema, data);
  const below = errors.filter((each) => !ABOVE.has(each.keyword));
  const found = below.length > 0 ? below : errors;
  const seen = new Map<string, RJSFValidationError>();
  const ordered = [
    ...found.filter((each) => each.keyword !== "const"),
    ...found.filter((each) => each.keyword === "const"),
  ];
  for (const each of ordered) {
    const property = path(each);
    if (seen.has(property)) continue;
    const message = sentence(each, schema);
    seen.set(property, {
      name: each.keyword,
      property,
      message,
      stack: message,
      schemaPath: each.keywordLocation,
    });
  }
  return [...seen.values()];
}

function units(schema: object, data: unknown): OutputUnit[] {
  const known = validators.get(schema) ?? new Validator(schema as Schema, "2020-12", false);
  validators.set(schema, known);
  return known.validate(data === undefined ? null : data).errors;
}

function path({ instanceLocation, keyword, error }: OutputUnit): string {
  const parts = instanceLocation
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const missing = keyword === "required" ? error.match(/"([^"]+)"/)?.[1] : undefined;
  return [...parts, ...(missing === undefined ? [] : [missing])].map((part) => `.${part}`).join("");
}

function sentence(unit: OutputUnit, schema: object): string {
  const keyword = SAID.find((each) => each === unit.keyword);
  if (keyword === undefined) return unit.error;
  const limit = at(schema, unit.keywordLocation);
  return i18next.t(`frame:schema.${keyword}`, { limit: typeof limit === "object" ? "" : String(limit) });
}

function at(schema: object, location: string): unknown {
  let here: unknown = schema;
  for (const part of location.split("/").slice(1)) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Data)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return here;
}

// biome-ignore lint/suspicious/noExplicitAny: rjsf's own types of a form's data
export const validator: ValidatorType<any, RJSFSchema, FormContextType> = {
  validateFormData(data, schema, customValidate, transformErrors, uiSchema) {
    const found = faults(schema, data);
    const errors = transformErrors ? transformErrors(found, uiSchema) : found;
    const told = { errors, errorSchema: toErrorSchema(errors) };
    if (typeof customValidate !== "function") return told;
    const whole = getDefaultFormState(validator, schema, data, schema, true);
    const handled = customValidate(whole, createErrorHandler(whole), uiSchema, told.errorSchema);
    return validationDataMerge(told, unwrapErrorHandler(handled));
  },
  isValid(schema, data, root) {
    const { [ID_KEY]: _, ...plain } = schema as Data;
    const whole = "$defs" in root ? { $defs: root.$defs, ...plain } : plain;
    return units(whole, data).length === 0;
  },
  rawValidation(schema, data) {
    // biome-ignore lint/suspicious/noExplicitAny: the caller says what an error is
    return { errors: faults(schema, data) as any[] };
  },
};

export default validator;
