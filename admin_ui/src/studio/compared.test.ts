import { expect, test } from "vitest";
import { changesOf, woven } from "./compared";
import { readFlow } from "./flow-text";

const flowOf = (...ids: string[]) =>
  readFlow(`id: hello\nsteps:\n${ids.map((id) => `  - {id: ${id}, action: send}\n`).join("")}`);
const idsOf = (flow: ReturnType<typeof readFlow>) => flow.steps.map((step) => step.id).join(" ");

test("what went stands where it stood", () => {
  expect(idsOf(woven(flowOf("a", "b", "c", "d"), flowOf("a", "new", "d"), ["b", "c"]))).toBe("a b c new d");
  expect(idsOf(woven(flowOf("a", "b"), flowOf("b"), ["a"]))).toBe("a b");
  expect(idsOf(woven(flowOf("a"), undefined, ["a"]))).toBe("a");
  expect(idsOf(woven(undefined, flowOf("a", "b"), []))).toBe("a b");
});

test("each step has one change", () => {
  expect([...changesOf({ added: ["a"], removed: ["b"], changed: { c: ["with"] } })]).toEqual([
    ["a", "added"],
    ["b", "removed"],
    ["c", "changed"],
  ]);
});
