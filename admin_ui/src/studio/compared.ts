/** A flow of two states of a bot, as one that can be drawn: what came, what changed, and what went. */
import type { Flow, Step } from "./flow-text";

export type Change = "added" | "removed" | "changed";
/** What the server says of a flow's steps. */
export type Told = { added?: string[]; removed?: string[]; changed?: Record<string, unknown> };

/** The later flow, with the steps that went where they stood. */
export function woven(before: Flow | undefined, after: Flow | undefined, removed: readonly string[]): Flow {
  const empty = {
    id: "",
    title: undefined,
    triggers: [],
    steps: [],
    lines: [],
    defaults: {},
    fault: undefined,
  };
  const shown = after ?? before ?? empty;
  const was = before?.steps ?? [];
  const steps: Step[] = [...(after?.steps ?? [])];
  for (const [place, step] of was.entries()) {
    if (!removed.includes(step.id) || steps.some((each) => each.id === step.id)) continue;
    const ahead = was.slice(0, place).reverse();
    const behind = ahead.map(({ id }) => steps.findIndex((each) => each.id === id)).find((at) => at >= 0);
    steps.splice((behind ?? -1) + 1, 0, step);
  }
  return { ...shown, steps };
}

export function changesOf(told: Told): ReadonlyMap<string, Change> {
  return new Map<string, Change>([
    ...(told.added ?? []).map((step): [string, Change] => [step, "added"]),
    ...(told.removed ?? []).map((step): [string, Change] => [step, "removed"]),
    ...Object.keys(told.changed ?? {}).map((step): [string, Change] => [step, "changed"]),
  ]);
}
