import { expect, test } from "vitest";
import { readFlow, type Step } from "./flow-text";
import { type Open, waysOf } from "./layout";
import { listing, makeFlow, type NoFlow } from "./make-flow";

const FLOW = `id: drinks
steps:
  - id: hi
    action: send
    with: {text: Hi.}
  # asked first
  - id: ask
    action: menu
    with: {choices: {tea: Tea, coffee: Coffee}}
    then: {other: ask, coffee: coffee}
  - id: tea
    action: send
    with: {text: "Tea, {{ data.name }}."}
    next: bye
  - id: coffee
    action: send
    with: {text: Coffee.}
  - id: bye
    action: send
    with: {text: Bye.}
`;
const openOf = (step: Step): Open => {
  const outcomes = step.action === "menu" ? ["tea", "coffee", "other"] : [];
  return {
    ends: step.action === "stop",
    open: outcomes.filter((outcome) => !(outcome in step.then)),
    none: outcomes.length === 0 && Object.keys(step.then).length === 0,
  };
};
const ways = (text: string) =>
  waysOf(readFlow(text), openOf)
    .filter((way) => way.to !== "stop")
    .map(({ from, outcome, to }) => `${from} ${outcome} ${to}`);

test("steps that lead to one place become a flow that is called", () => {
  const { rest, made } = makeFlow(FLOW, ["ask", "tea", "coffee"], "order", openOf);
  expect(ways(rest)).toEqual(["hi  order", "order  bye"]);
  expect(rest).toContain("with:\n      flow: order\n      inputs:\n        name: data.name\n");
  expect(made).toContain("# asked first\n");
  expect(ways(made)).toEqual(["ask other ask", "ask coffee coffee", "ask tea tea"]);
  expect(readFlow(made).steps.map((step) => step.next)).toEqual([undefined, "stop", "stop"]);
});

test("where they lead to several places the flow stops with a result for each", () => {
  const { rest, made } = makeFlow(FLOW, ["hi", "ask"], "order", openOf);
  expect(ways(rest)).toEqual(["order coffee coffee", "order tea tea", "tea  bye", "coffee  bye"]);
  expect(ways(made)).toEqual(["hi  ask", "ask other ask", "ask coffee to_coffee", "ask tea to_tea"]);
  expect(made).toContain("result: tea");
});

test("what is entered in two places, ends the flow or is all of it stays", () => {
  const why = (ids: string[], text = FLOW) => {
    try {
      makeFlow(text, ids, "order", openOf);
    } catch (error) {
      return (error as NoFlow).why;
    }
    return "";
  };
  expect(why(["tea", "coffee"])).toBe("entries");
  expect(why(["hi", "ask", "tea", "coffee", "bye"])).toBe("everything");
  expect(why(["bye"], FLOW.replace("id: bye\n    action: send", "id: bye\n    action: stop"))).toBe("stops");
});

test("a flow is added to the list", () => {
  expect(listing("id: a\nflows: [one]\n", "two")).toBe("id: a\nflows: [one, two]\n");
  expect(listing("flows:\n  - one # first\ndata: {}\n", "two")).toBe(
    "flows:\n  - one # first\n  - two\ndata: {}\n",
  );
  expect(listing("id: a\n", "two")).toBe("id: a\nflows: [two]\n");
});
