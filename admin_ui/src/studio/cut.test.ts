import { expect, test } from "vitest";
import { parse } from "yaml";
import { cutAt } from "./cut";

const FLOW = `chatloom: flow/v1
id: a
steps:
  - id: s
    action: set
    with: {data: {n: "1 + 2"}}   # kept
  - id: t
    action: send
    with:
      text:
        en: |
          Hello {{ contact.name }},
          how are you?
`;

test.each([
  [["steps", 0, "with", "data", "n"], "data."],
  [["steps", 0, "with", "data", "n"], 'has("x") && con'],
  [["steps", 0, "with", "data", "other"], "size(da"],
  [["steps", 1, "with", "text", "en"], "Hello {{ contact.na"],
  [["steps", 1, "with", "text", "en"], "Hello,\nthis is {{ con"],
])("the value at %j is cut off behind %j", (at, before) => {
  const cut = cutAt(FLOW, at, before);
  expect(cut).toBeDefined();
  if (!cut) return;
  const value = at.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], parse(cut.text));
  expect(String(value).trimEnd()).toBe(before);
  const marked = `${cut.text.slice(0, cut.offset)}§${cut.text.slice(cut.offset)}`;
  const told = at.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], parse(marked));
  expect(String(told).trimEnd()).toBe(`${before}§`);
});
