import { expect, test } from "vitest";
import { wordOf } from "./word";

test("a name is found as a word, whatever signs are in it", () => {
  const found = wordOf(["ask", "pay(now", "c++"]);
  for (const text of ["then: {yes: ask}", "next: pay(now", "- id: c++\n"])
    expect(found.test(text)).toBe(true);
  for (const text of ["asked", "task", "pay", "c+"]) expect(found.test(text)).toBe(false);
});
