import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import frame from "../../locales/en/frame.json";
import { faults, validator } from "./validator";

beforeAll(() => i18next.init({ lng: "en", ns: ["frame"], resources: { en: { frame } } }));

const schema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string", minLength: 1 },
    throttle: {
      anyOf: [
        { type: "integer", minimum: 1 },
        { const: "off", type: "string" },
      ],
    },
    hours: { type: "string", pattern: "^\\d\\d$" },
  },
};

test("says nothing of what is right", () => {
  expect(faults(schema, { name: "a", throttle: "off", hours: "12" })).toEqual([]);
  expect(faults(schema, { name: "a", throttle: 3 })).toEqual([]);
});

test("says each fault once, at its place", () => {
  const found = faults(schema, { throttle: 0, hours: "noon" });
  expect(found.map((each) => [each.property, each.name])).toEqual([
    [".name", "required"],
    [".throttle", "minimum"],
    [".hours", "pattern"],
  ]);
});

test("gives rjsf what it shows at a field", () => {
  const told = validator.validateFormData({ name: "" }, schema as never);
  expect(told.errorSchema).toEqual({ name: { __errors: ["At least 1 characters."] } });
  expect(validator.isValid({ type: "string" }, 3, {})).toBe(false);
});
