import { expect, test } from "vitest";
import { relative, span } from "./when";

const NOW = Date.parse("2026-11-26T12:00:00Z");

test.each([
  ["2026-11-26T11:59:40Z", "now", "ora"],
  ["2026-11-26T11:57:00Z", "3 minutes ago", "3 minuti fa"],
  ["2026-11-26T14:00:00Z", "in 2 hours", "tra 2 ore"],
  ["2026-11-25T11:00:00Z", "yesterday", "ieri"],
])("%s", (at, en, it) => {
  expect(relative(new Date(at), NOW, "en")).toBe(en);
  expect(relative(new Date(at), NOW, "it")).toBe(it);
});

test("spans", () => {
  expect([0.035, 1.44, 12.4, 90, 7200].map((each) => span(each, "en"))).toEqual([
    "35 ms",
    "1.4 sec",
    "12 sec",
    "1.5 min",
    "2 hr",
  ]);
});
