/**
 * What a card stands for when it is folded: the steps that are reached through it alone. A step that can be reached in
 * another way stays, so what is seen is always what is there, and unfolding shows what was there before.
 */
import type { Flow } from "./flow-text";
import type { Way } from "./layout";

/** Through which step alone each is reached, the nearest one; undefined: a flow begins there, or several ways lead there. */
export type Through = ReadonlyMap<string, string | undefined>;

/** The dominators of the flow's graph, as Cooper, Harvey and Kennedy find them. */
export function throughOf(flow: Flow, ways: readonly Way[]): Through {
  const onward = new Map<string, string[]>(flow.steps.map((step) => [step.id, []]));
  const back = new Map<string, (string | undefined)[]>(flow.steps.map((step) => [step.id, []]));
  for (const { from, to } of ways) {
    if (from === to) continue;
    onward.get(from)?.push(to);
    back.get(to)?.push(from);
  }
  const place = new Map<string | undefined, number>(); // the later it is left, the nearer to where the flow begins
  const left: string[] = [];
  const met = new Set<string>();
  const begin = (id: string) => {
    back.get(id)?.push(undefined);
    const path = met.has(id) ? [] : [{ id, next: 0 }];
    met.add(id);
    for (let at = path.at(-1); at; at = path.at(-1)) {
      const to = onward.get(at.id)?.[at.next++];
      if (to === undefined) {
        place.set(at.id, left.push(at.id));
        path.pop();
      } else if (!met.has(to)) {
        met.add(to);
        path.push({ id: to, next: 0 });
      }
    }
  };
  const defaults = new Set(Object.values(flow.defaults));
  const first = flow.steps[0]?.id;
  for (const { id } of flow.steps)
    if (id === first || defaults.has(id) || back.get(id)?.length === 0) begin(id);
  for (const { id } of flow.steps) if (!met.has(id)) begin(id); // a circle to which nothing leads
  place.set(undefined, Number.POSITIVE_INFINITY);
  const through = new Map<string, string | undefined>();
  const common = (one: string | undefined, other: string | undefined) => {
    while (one !== other)
      if ((place.get(one) ?? 0) < (place.get(other) ?? 0)) one = through.get(one as string);
      else other = through.get(other as string);
    return one;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of left.toReversed()) {
      const known = (back.get(id) ?? []).filter((from) => from === undefined || through.has(from));
      const nearest = known.reduce(common);
      if (through.has(id) && through.get(id) === nearest) continue;
      through.set(id, nearest);
      changed = true;
    }
  }
  return through;
}

/** By each step that is not seen, the card into which it is folded: the outermost. */
export function foldedInto(through: Through, folded: ReadonlySet<string>): ReadonlyMap<string, string> {
  const into = new Map<string, string>();
  if (folded.size === 0) return into;
  for (const id of through.keys())
    for (let above = through.get(id); above !== undefined; above = through.get(above))
      if (folded.has(above)) into.set(id, above);
  return into;
}

/** The flow without the steps that are not seen. */
export function without(flow: Flow, into: ReadonlyMap<string, string>): Flow {
  return into.size === 0 ? flow : { ...flow, steps: flow.steps.filter((step) => !into.has(step.id)) };
}

/** What stands for branches: each card at which ways part leads to some. */
export function branchesOf(through: Through, flow: Flow): string[] {
  const parts = new Map<string | undefined, number>();
  for (const above of through.values()) parts.set(above, (parts.get(above) ?? 0) + 1);
  return flow.steps
    .slice(1)
    .map(({ id }) => id)
    .filter((id) => parts.has(id) && (parts.get(through.get(id)) ?? 0) > 1);
}

/**
 * The ways between the cards that are seen, and one from each folded card to where its steps lead, by `outcome`.
 */
export function seenWays(ways: Way[], into: ReadonlyMap<string, string>, outcome: string): Way[] {
  if (into.size === 0) return ways;
  const seen = new Map<string, Way>();
  for (const way of ways) {
    const from = into.get(way.from);
    if (into.has(way.to) || from === way.to) continue;
    const shown = from === undefined ? way : { from, outcome, to: way.to };
    seen.set(`${shown.from}:${shown.outcome}:${shown.to}`, shown);
  }
  return [...seen.values()];
}
