import fc from "fast-check";
import { expect, test } from "vitest";
import type { Flow } from "./flow-text";
import { branchesOf, foldedInto, seenWays, throughOf } from "./folding";
import type { Way } from "./layout";

const flowOf = (ids: string[], defaults: Record<string, string> = {}) =>
  ({ id: "f", steps: ids.map((id) => ({ id })), defaults }) as unknown as Flow;
const way = (leads: string): Way => {
  const [from = "", to = ""] = leads.split(">");
  return { from, outcome: "", to };
};
const folds = (flow: Flow, ways: Way[], ...folded: string[]) =>
  Object.fromEntries(foldedInto(throughOf(flow, ways), new Set(folded)));

const MENU = flowOf(["ask", "tea", "milk", "coffee", "bye"]);
const WAYS = ["ask>tea", "ask>coffee", "tea>milk", "milk>bye", "coffee>bye", "milk>ask"].map(way);

test("a card stands for what is reached through it alone", () => {
  expect(folds(MENU, WAYS, "tea")).toEqual({ milk: "tea" });
  expect(folds(MENU, WAYS, "coffee")).toEqual({});
  expect(folds(MENU, WAYS, "ask")).toEqual({ tea: "ask", milk: "ask", coffee: "ask", bye: "ask" });
  expect(folds(MENU, WAYS, "ask", "tea")).toEqual(folds(MENU, WAYS, "ask"));
  expect(folds(MENU, WAYS, "gone")).toEqual({});
});

test("what the flow's defaults lead to stays, and so does a circle that nothing leads to", () => {
  expect(folds(flowOf(["a", "b", "c"]), ["a>b", "b>c"].map(way), "a")).toEqual({ b: "a", c: "a" });
  expect(folds(flowOf(["a", "b", "c"], { timeout: "c" }), ["a>b", "b>c"].map(way), "a")).toEqual({ b: "a" });
  expect(folds(flowOf(["a", "b", "c"]), ["b>c", "c>b"].map(way), "b", "c")).toEqual({ c: "b" });
  expect(folds(flowOf([]), [])).toEqual({});
});

test("a folded card leads to where its steps lead", () => {
  const into = foldedInto(throughOf(MENU, WAYS), new Set(["tea"]));
  expect(seenWays(WAYS, into, "…").map(({ from, outcome, to }) => `${from}${outcome}>${to}`)).toEqual([
    "ask>tea",
    "ask>coffee",
    "tea…>bye",
    "coffee>bye",
    "tea…>ask",
  ]);
});

test("branches begin where ways part", () => {
  const trunk = flowOf(["a", "b", "yes", "yes2", "no", "no2", "end"]);
  const ways = ["a>b", "b>yes", "b>no", "yes>yes2", "no>no2", "yes2>end", "no2>end"].map(way);
  expect(branchesOf(throughOf(trunk, ways), trunk)).toEqual(["yes", "no"]);
});

const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
const any = fc.record({
  ways: fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)), { maxLength: 16 }),
  folded: fc.subarray(ids),
});
const reached = (ways: Way[], from: string[], without: string) => {
  const met = new Set(from.filter((id) => id !== without));
  for (const id of met) for (const { from, to } of ways) if (from === id && to !== without) met.add(to); // met grows while it is walked
  return met;
};

test("nothing is folded that is reached in another way, and all that is reached through a card alone is", () => {
  fc.assert(
    fc.property(any, ({ ways: pairs, folded }) => {
      const ways = pairs.map(([from, to]): Way => ({ from, outcome: "", to }));
      const flow = flowOf(ids);
      const through = throughOf(flow, ways);
      const begins = ids.filter((id) => through.get(id) === undefined);
      for (const card of ids) {
        const without = reached(ways, begins, card);
        const into = foldedInto(through, new Set([card]));
        const alone = ids.filter((id) => id !== card && !without.has(id));
        expect([...into.keys()].sort()).toEqual(alone);
      }
      const into = foldedInto(through, new Set(folded));
      for (const [id, card] of into) {
        expect(folded).toContain(card);
        expect(into.has(card)).toBe(false); // a card that others are folded into is seen
        expect(reached(ways, begins, card).has(id)).toBe(false);
      }
      const seen = ids.filter((id) => !into.has(id));
      for (const { from, to } of seenWays(ways, into, "…"))
        expect([seen.includes(from), seen.includes(to)]).toEqual([true, true]);
      for (const id of seen) expect(reached(seenWays(ways, into, "…"), begins, "").has(id)).toBe(true); // still led to from where the flow begins
    }),
    { numRuns: 500 },
  );
});
