/**
 * Steps woven into a flow's ways: on a way, behind one of its ends, or apart. Every other way leads where it led, also
 * those that nothing names because they go on to the step below. Each raises `SpliceRefused`.
 */
import { insertStep, readFlow, type Step } from "./flow-text";
import type { Open, Way } from "./layout";
import { setValue } from "./splice";

type Made = Record<string, unknown> & { id: string };
type OpenOf = (step: Step) => Open;

/** Put a step on a way: what led along it leads through the step. */
export function insertOnWay(text: string, way: Way, made: Made, openOf: OpenOf): string {
  const flow = readFlow(text);
  const place = flow.steps.findIndex((step) => step.id === way.from);
  const source = flow.steps[place];
  if (!source) return insertStep(text, undefined, made);
  const below = flow.steps[place + 1]?.id;
  const onward = below === way.to || openOf(asStep(made)).ends ? made : { ...made, next: way.to };
  return lead(insertStep(text, way.from, onward), place, source, way.outcome, made.id, below, openOf(source));
}

/** Put a step at the flow's end, and lead an outcome of another there. */
export function addBehind(text: string, from: string, outcome: string, made: Made, openOf: OpenOf): string {
  const flow = readFlow(text);
  const place = flow.steps.findIndex((step) => step.id === from);
  const source = flow.steps[place];
  const last = flow.steps.at(-1);
  if (!source || !last) return insertStep(text, last?.id, made);
  const longer = insertStep(text, last.id, made);
  if (last.id === from) return lead(longer, place, source, outcome, made.id, undefined, openOf(source));
  const led = setValue(
    longer,
    outcome === "" ? ["steps", place, "next"] : ["steps", place, "then", outcome],
    made.id,
  );
  return falls(last, openOf(last)) ? setValue(led, ["steps", flow.steps.length - 1, "next"], "stop") : led;
}

/** An outcome of a step that the new step now stands below leads to it; its other ways go on to where they went. */
function lead(
  text: string,
  place: number,
  source: Step,
  outcome: string,
  to: string,
  below: string | undefined,
  { ends, open, none }: Open,
): string {
  const through = source.next === undefined && !ends;
  const others = none || open.some((each) => each !== outcome);
  if (outcome === "" || (!(outcome in source.then) && !others))
    return through ? text : setValue(text, ["steps", place, "next"], to);
  const led = setValue(text, ["steps", place, "then", outcome], to);
  return through && others ? setValue(led, ["steps", place, "next"], below ?? "stop") : led;
}

/** Whether a step goes on to the one below it. */
function falls(step: Step, { ends, open, none }: Open): boolean {
  return step.next === undefined && !ends && (none || open.length > 0);
}

function asStep(made: Made): Step {
  const map = (value: unknown) => (typeof value === "object" && value !== null ? value : {});
  return {
    id: made.id,
    action: String(made.action ?? ""),
    with: map(made.with) as Step["with"],
    next: undefined,
    then: map(made.then) as Step["then"],
    timeout: undefined,
    note: "",
    disabled: false,
  };
}
