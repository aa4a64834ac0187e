/** By which outcomes a step can be left, as its action declares them. */
import type { Schemas } from "../api/client";
import { fileOfFlow } from "./flow-files";
import { readFlow, type Step } from "./flow-text";
import type { Open } from "./layout";
import { isEntry, type Tongue } from "./tongue";

export type Action = Schemas["ActionOut"];
/** They go to the flow's defaults where a step does not name them: the canvas shows them only where it does. */
export const QUIET = ["timeout", "undelivered", "failed", "cancelled"];

export function outcomesOf(
  step: Step,
  action: Action | undefined,
  files: Readonly<Record<string, string>>,
): string[] {
  const found = new Set<string>();
  if (action) {
    const { keys_of, results_of, names } = action.outcomes;
    const keyed = keys_of === "" ? undefined : step.with[keys_of];
    if (typeof keyed === "object" && keyed !== null && !Array.isArray(keyed))
      for (const key of Object.keys(keyed)) found.add(key);
    if (results_of !== "")
      for (const result of resultsOf(files[fileOfFlow(files, String(step.with[results_of])) ?? ""]))
        found.add(result);
    for (const name of names) found.add(name);
  }
  for (const name of Object.keys(step.then)) found.add(name);
  return [...found];
}

const MOST_KNOWN = 200;
const known = new Map<string, string[]>();

/** What a flow stops with, and `done`; one that cannot be read names no results yet. Every card that calls it asks. */
function resultsOf(text = ""): string[] {
  const before = known.get(text);
  if (before) return before;
  const found = readFlow(text).steps.flatMap(({ action, with: { result } }) =>
    action === "stop" && typeof result === "string" ? [result] : [],
  );
  const results = [...new Set(["done", ...found])];
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, results);
  return results;
}

/** What the canvas shows of a step's outcomes, and which of them go on by themselves. */
export function openOf(
  step: Step,
  action: Action | undefined,
  files: Readonly<Record<string, string>>,
): Open & { shown: string[] } {
  const shown = outcomesOf(step, action, files).filter(
    (outcome) => !QUIET.includes(outcome) || outcome in step.then,
  );
  return {
    shown,
    ends: action?.outcomes.ends ?? step.action === "stop",
    open: shown.filter((outcome) => !(outcome in step.then)),
    none: shown.every((outcome) => QUIET.includes(outcome)),
  };
}

/** What a card shows of its step: words first, else the heart of what it does. */
export function glimpse(step: Step, tongue: Tongue, inFlow: string): string {
  const { text, fields, url, team, note, flow, event, name } = step.with;
  const said = tongue.text(text, `flows/${inFlow}/steps/${step.id}/with/text`);
  if (said !== "") return said;
  if (Array.isArray(fields)) return fields.join(", ");
  for (const each of [url, flow, event, name, team, note])
    if (typeof each === "string" && each !== "") return each;
  for (const key of ["cases", "data", "contact", "shares"]) {
    const map = step.with[key];
    if (typeof map === "object" && map !== null)
      return Object.entries(map)
        .map(([one, each]) => `${one}: ${typeof each === "string" ? each : JSON.stringify(each)}`)
        .join("\n");
  }
  return step.note;
}

/** The words of the choice that an outcome is; "": it is none. */
export function choiceWords(step: Step, outcome: string, tongue: Tongue, flow: string): string {
  const { choices } = step.with;
  if (typeof choices !== "object" || choices === null || !(outcome in choices)) return "";
  const choice = (choices as Record<string, unknown>)[outcome];
  const key = `flows/${flow}/steps/${step.id}/with/choices/${outcome}`;
  return isEntry(choice)
    ? tongue.text((choice as { title?: unknown }).title, `${key}/title`)
    : tongue.text(choice, key);
}
