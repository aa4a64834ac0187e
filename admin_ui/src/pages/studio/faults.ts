import type { Schemas } from "../../api/client";
import { byPlace } from "../../studio/flow-files";
import { type Flow, stepAt } from "../../studio/flow-text";

/** The worst that the checker says of each step, by the line on which it begins; of what is folded, at its card. */
export function faultsOf(
  flow: Flow,
  diagnostics: Schemas["DiagnosticOut"][],
  into: ReadonlyMap<string, string> = new Map(),
): Map<string, "error" | "warning"> {
  const found = new Map<string, "error" | "warning">();
  for (const one of diagnostics) {
    const step = stepAt(flow, one.line);
    const id = step && (into.get(step.id) ?? step.id);
    if (id !== undefined && found.get(id) !== "error") found.set(id, one.severity);
  }
  return found;
}

/** What the checker says of one file, errors first. */
export type Group = { file: string; errors: number; found: Schemas["DiagnosticOut"][] };

/** What it says by file: those with errors first, then as the files are listed. */
export function groupsOf(diagnostics: Schemas["DiagnosticOut"][]): Group[] {
  const groups = new Map<string, Group>();
  for (const one of diagnostics) {
    const group = groups.get(one.file) ?? { file: one.file, errors: 0, found: [] };
    groups.set(one.file, group);
    group.found.push(one);
    if (one.severity === "error") group.errors += 1;
  }
  for (const { found } of groups.values())
    found.sort((one, other) => one.severity.localeCompare(other.severity) || one.line - other.line);
  return [...groups.values()].sort(
    (one, other) => Number(other.errors > 0) - Number(one.errors > 0) || byPlace(one.file, other.file),
  );
}

/** What the checker says of one step. */
export function faultsAt(
  flow: Flow,
  id: string,
  diagnostics: Schemas["DiagnosticOut"][],
): Schemas["DiagnosticOut"][] {
  return diagnostics.filter((one) => stepAt(flow, one.line)?.id === id);
}

type Found = Schemas["DiagnosticOut"];
/** What the checker says of a step, by where its form says it: `with`: by path in it; `then`: by outcome. */
export type Placed = {
  with: { at: string[]; found: Found }[];
  then: ReadonlyMap<string, Found[]>;
  next: Found[];
  timeout: Found[];
  id: Found[];
  rest: Found[];
};

export function placedIn(diagnostics: Found[], outcomes: readonly string[]): Placed {
  const then = new Map<string, Found[]>();
  const placed: Placed = { with: [], then, next: [], timeout: [], id: [], rest: [] };
  for (const found of diagnostics) {
    const [, step, ...path] = segments(found.pointer);
    const [key, name] = step === undefined ? [] : path;
    if (key === "with" && name !== undefined) placed.with.push({ at: path.slice(1), found });
    else if (key === "then" && name !== undefined && outcomes.includes(name))
      then.set(name, [...(then.get(name) ?? []), found]);
    else if (key === "next" || key === "timeout" || key === "id") placed[key].push(found);
    else placed.rest.push(found);
  }
  return placed;
}

/** What the checker says of a flow itself, by where its form says it: `starts`: by place of what starts it, and path in that. */
export type OfFlow = {
  title: { at: string[]; found: Found }[];
  starts: ReadonlyMap<number, { at: string[]; found: Found }[]>;
  defaults: ReadonlyMap<string, Found[]>;
  rest: Found[];
};

/** `outcomes`: which the form has among its defaults. */
export function placedInFlow(flow: Flow, diagnostics: Found[], outcomes: readonly string[]): OfFlow {
  const starts = new Map<number, { at: string[]; found: Found }[]>();
  const defaults = new Map<string, Found[]>();
  const placed: OfFlow = { title: [], starts, defaults, rest: [] };
  for (const found of diagnostics) {
    const [key, name, ...path] = parts(found.pointer);
    const before = found.line < (flow.lines[0] ?? Number.POSITIVE_INFINITY);
    if (key === "title")
      placed.title.push({ at: name === undefined ? ["title"] : ["title", name, ...path], found });
    else if (key === "triggers" && flow.triggers[Number(name)] !== undefined)
      starts.set(Number(name), [...(starts.get(Number(name)) ?? []), { at: path, found }]);
    else if (key === "defaults" && name !== undefined && outcomes.includes(name))
      defaults.set(name, [...(defaults.get(name) ?? []), found]);
    else if (before || (key !== undefined && key !== "steps")) placed.rest.push(found);
  }
  return placed;
}

/** Of a JSON pointer into a flow: `steps`, the step's place, and what follows. */
function segments(pointer: string): string[] {
  const all = parts(pointer);
  return all[0] === "steps" ? all : [];
}

function parts(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((each) => each.replaceAll("~1", "/").replaceAll("~0", "~"));
}
