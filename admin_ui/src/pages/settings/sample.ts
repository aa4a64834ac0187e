/** A value that fits a JSON Schema, as far as that can be said: for a form to begin with. */
const DEEPEST = 8; // a schema may hold itself
const FORMATS: Record<string, string> = {
  email: "ana@example.com",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
  date: "2026-01-31",
  time: "09:30:00Z",
  "date-time": "2026-01-31T09:30:00Z",
};

/** What it says itself comes first (`default`, `examples`, `const`, `enum`), then the least that its type allows. */
export function sampleOf(schema: unknown, root = schema, depth = 0): unknown {
  const of = record(schema);
  if (depth > DEEPEST) return null;
  const given = [of.default, list(of.examples)[0], of.const, list(of.enum)[0]];
  const said = given.find((value) => value !== undefined);
  if (said !== undefined) return said;
  if (typeof of.$ref === "string") return sampleOf(led(root, of.$ref), root, depth + 1);
  const one = list(of.anyOf)[0] ?? list(of.oneOf)[0];
  if (one !== undefined) return sampleOf(one, root, depth + 1);
  const type = Array.isArray(of.type) ? of.type[0] : of.type;
  const within = (inner: unknown) => sampleOf(inner, root, depth + 1);
  switch (type ?? ("properties" in of ? "object" : "string")) {
    case "object":
      return Object.fromEntries(
        Object.entries(record(of.properties)).map(([name, inner]) => [name, within(inner)]),
      );
    case "array":
      return Array.from({ length: number(of.minItems) ?? 0 }, () => within(of.items));
    case "integer":
    case "number":
      return number(of.minimum) ?? (number(of.exclusiveMinimum) ?? -1) + 1;
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return FORMATS[String(of.format)] ?? "x".repeat(number(of.minLength) ?? 0);
  }
}

function led(root: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>((value, key) => record(value)[key.replaceAll("~1", "/").replaceAll("~0", "~")], root);
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
