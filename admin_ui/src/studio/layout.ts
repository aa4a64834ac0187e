/**
 * Where cards stand that nobody has moved: straight runs are stacked, branches spread to the right. It follows from the
 * text alone, at once and always alike. What was moved by hand stands in the bot's `layout.json`.
 */
import type { Flow, Step } from "./flow-text";

export type Point = { x: number; y: number };
/** By flow, then by step. */
export type Layout = Record<string, Record<string, [number, number]>>;
export type Way = { from: string; outcome: string; to: string };

export const CARD = { width: 248, gap: 28, column: 340 };

/** What of a step's ways is not named in it: `open` outcomes, or `none` at all; `ends`: nothing follows by itself. */
export type Open = { ends: boolean; open: string[]; none: boolean };

/** The ways on from every step: by the outcomes that are named, and by those that go on to the next step. */
export function waysOf(flow: Flow, openOf: (step: Step) => Open): Way[] {
  const known = new Set(flow.steps.map((step) => step.id));
  return flow.steps.flatMap((step, place) => {
    const named = Object.entries(step.then).map(([outcome, to]) => ({ from: step.id, outcome, to }));
    const { ends, open, none } = openOf(step);
    const to = step.next ?? (ends ? undefined : flow.steps[place + 1]?.id);
    const through =
      to === undefined ? [] : (none ? [""] : open).map((outcome) => ({ from: step.id, outcome, to }));
    return [...named, ...through].filter((way) => known.has(way.to));
  });
}

function by(end: "from" | "to", ways: Way[]): Map<string, Way[]> {
  const found = new Map<string, Way[]>();
  for (const way of ways) {
    const there = found.get(way[end]);
    if (there) there.push(way);
    else found.set(way[end], [way]);
  }
  return found;
}

/** A place for every step. `heights`: how tall the cards are; `away`: which are not seen, and take no room. */
export function placed(
  flow: Flow,
  ways: Way[],
  heights: (step: Step) => number,
  moved: Record<string, [number, number]>,
  away: { has: (id: string) => boolean } = new Set(),
): Map<string, Point> {
  const order = new Map(flow.steps.map((step, place) => [step.id, place]));
  const into = by("to", ways);
  const outOf = by("from", ways);
  // A step continues the run above it when that alone leads to it, and leads nowhere else.
  const run = new Map<string, string>();
  for (const [place, step] of flow.steps.entries()) {
    const above = flow.steps[place - 1];
    const only = above && outOf.get(above.id)?.filter((way) => way.to !== above.id);
    const joins =
      above &&
      only?.length === 1 &&
      only[0]?.to === step.id &&
      (into.get(step.id) ?? []).every((way) => way.from === above.id || (order.get(way.from) ?? 0) >= place);
    run.set(step.id, joins ? (run.get(above.id) ?? above.id) : step.id);
  }
  // How many columns from the start a run stands: forward ways only, so that a loop does not push it away.
  const rank = new Map<string, number>();
  for (const step of flow.steps) {
    const head = run.get(step.id) ?? step.id;
    if (head !== step.id) continue;
    const before = (into.get(step.id) ?? []).filter(
      (way) => (order.get(way.from) ?? 0) < (order.get(step.id) ?? 0),
    );
    const most = Math.max(-1, ...before.map((way) => rank.get(run.get(way.from) ?? way.from) ?? 0));
    rank.set(step.id, most + 1);
  }
  const columnOf = (step: Step) => rank.get(run.get(step.id) ?? step.id) ?? 0;
  const columns = new Set(flow.steps.filter((step) => !away.has(step.id)).map(columnOf));
  const left = new Map([...columns].sort((one, other) => one - other).map((column, at) => [column, at]));
  const below = new Map<number, number>();
  const points = new Map<string, Point>();
  for (const step of flow.steps) {
    const column = columnOf(step);
    const y = below.get(column) ?? 0;
    points.set(step.id, { x: (left.get(column) ?? 0) * CARD.column, y });
    if (!away.has(step.id)) below.set(column, y + heights(step) + CARD.gap);
  }
  for (const [id, [x, y]] of Object.entries(moved)) if (points.has(id)) points.set(id, { x, y });
  return points;
}

export function readLayout(text: string | undefined): Layout {
  if (text === undefined) return {};
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as Layout) : {};
  } catch {
    return {}; // a layout that cannot be read is none
  }
}

export function writeLayout(layout: Layout): string {
  return `${JSON.stringify(layout, null, 1)}\n`;
}
