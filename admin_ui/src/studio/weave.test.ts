import { expect, test } from "vitest";
import { readFlow, type Step } from "./flow-text";
import { type Open, waysOf } from "./layout";
import { addBehind, insertOnWay } from "./weave";

const FLOW = `id: drinks
steps:
  - id: ask # tea?
    action: menu
    with: {choices: {tea: Tea, coffee: Coffee}}
    then: {coffee: coffee}
  - id: tea
    action: send
    with: {text: Tea.}
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
    none: outcomes.length === 0,
  };
};
const ways = (text: string) =>
  waysOf(readFlow(text), openOf)
    .map(({ from, outcome, to }) => `${from} ${outcome} ${to}`)
    .sort();
const made = { id: "new", action: "send", with: { text: "New." } };

test.each([
  ["that the step below is reached by alone", "tea", "", "bye"],
  ["that nothing names, beside others", "ask", "tea", "tea"],
  ["that an outcome names", "ask", "coffee", "coffee"],
  ["to the step below", "coffee", "", "bye"],
])("a step on a way %s changes that way only", (_, from, outcome, to) => {
  const before = ways(FLOW);
  const way = `${from} ${outcome} ${to}`;
  expect(before).toContain(way);
  const after = insertOnWay(FLOW, { from, outcome, to }, made, openOf);
  const wanted = [...before.filter((each) => each !== way), `${from} ${outcome} new`, `new  ${to}`];
  expect(ways(after)).toEqual(wanted.sort());
  expect(after).toContain("id: ask # tea?");
});

test.each([
  ["ask", "other"],
  ["bye", ""],
])("a step behind %s %s leaves the other ways as they were", (from, outcome) => {
  const before = ways(FLOW).filter((each) => !each.startsWith(`${from} ${outcome} `));
  const after = addBehind(FLOW, from, outcome, made, openOf);
  expect(ways(after)).toEqual([...before, `${from} ${outcome} new`].sort());
});

test("the first step behind the last one's outcome leaves its other outcomes at the end", () => {
  const alone = "id: a\nsteps:\n  - id: ask\n    action: menu\n    with: {choices: {tea: Tea}}\n";
  const after = addBehind(alone, "ask", "tea", made, openOf);
  expect(ways(after)).toEqual(["ask tea new"]);
});
