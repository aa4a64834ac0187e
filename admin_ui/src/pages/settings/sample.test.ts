import { expect, test } from "vitest";
import { sampleOf } from "./sample";

test("a sample has what the schema says itself, else the least that fits", () => {
  const schema = {
    type: "object",
    $defs: {
      name: { type: "string", examples: ["Ana"] },
      tree: { properties: { of: { $ref: "#/$defs/tree" } } },
    },
    properties: {
      name: { $ref: "#/$defs/name" },
      email: { type: "string", format: "email" },
      size: { enum: ["small", "large"] },
      count: { type: "integer", minimum: 2 },
      more: { type: ["boolean", "null"] },
      code: { type: "string", minLength: 3 },
      parts: { type: "array", minItems: 1, items: { type: "number", default: 0.5 } },
      either: { anyOf: [{ type: "null" }, { type: "string" }] },
    },
  };
  expect(sampleOf(schema)).toEqual({
    name: "Ana",
    email: "ana@example.com",
    size: "small",
    count: 2,
    more: false,
    code: "xxx",
    parts: [0.5],
    either: null,
  });
  expect(JSON.stringify(sampleOf({ $ref: "#/$defs/tree", $defs: schema.$defs }))).toContain('"of"');
});
