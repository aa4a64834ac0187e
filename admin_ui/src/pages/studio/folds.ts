/** The cards of a flow that a person has folded: how he looks at it, of which the draft knows nothing. */
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Command, useCommands } from "../../frame/commands";
import type { Flow } from "../../studio/flow-text";
import { branchesOf, foldedInto, throughOf } from "../../studio/folding";
import type { Way } from "../../studio/layout";
import { useFolded } from "./folded";
import { useSteady } from "./steady";
import { useUnchanged } from "./unchanged";

export type Folds = {
  /** By each step that is not seen, the card into which it is folded. */
  into: ReadonlyMap<string, string>;
  /** The steps in each folded card that is seen. */
  inside: ReadonlyMap<string, readonly string[]>;
  /** The cards that have something to fold. */
  holds: ReadonlySet<string | undefined>;
  /** Those of them at which a branch begins. */
  branches: readonly string[];
  /** Fold a card, or unfold it. */
  turn: (id: string) => void;
  /** Unfold all, or fold all branches where nothing is folded. */
  turnAll: () => void;
};

/** `of`: what this browser calls it; undefined: nothing folds. `onHidden`: the chosen step was folded into a card. */
export function useFolds(
  of: string | undefined,
  flow: Flow,
  ways: readonly Way[],
  chosen: string | undefined,
  onHidden: (card: string) => void,
): Folds {
  const { t } = useTranslation("studio");
  const [folded, put] = useFolded(`flow.${of}`);
  const found = useUnchanged(
    useMemo(() => [...throughOf(flow, ways)], [flow, ways]),
    ([id]) => id,
    ([, one], [, other]) => one === other,
  );
  const through = useMemo(() => new Map(found), [found]);
  const into = useMemo(() => foldedInto(through, of === undefined ? NONE : folded), [through, of, folded]);
  const inside = useMemo(() => {
    const found = new Map<string, string[]>();
    for (const [id, card] of into) found.set(card, [...(found.get(card) ?? []), id]);
    return found;
  }, [into]);
  const holds = useMemo(() => new Set(of === undefined ? [] : through.values()), [of, through]);
  const branches = useMemo(() => (of === undefined ? [] : branchesOf(through, flow)), [of, through, flow]);
  const become = (next: ReadonlySet<string>) => {
    put([...next].filter((id) => through.has(id)));
    const card = chosen === undefined ? undefined : foldedInto(through, next).get(chosen);
    if (card !== undefined) onHidden(card);
  };
  const turn = useSteady((id: string) => {
    if (folded.has(id)) become(new Set([...folded].filter((each) => each !== id)));
    else if (holds.has(id)) become(new Set([...folded, id]));
  });
  const turnAll = useSteady(() => become(inside.size > 0 ? NONE : new Set(branches)));
  // Who goes to a step that is folded away sees it, and so does who changes the ways to the one that is chosen.
  const show = useEffectEvent(() => {
    if (chosen === undefined || !into.has(chosen)) return;
    const above = new Set<string>();
    for (let up = through.get(chosen); up !== undefined; up = through.get(up)) above.add(up);
    put([...folded].filter((id) => !above.has(id)));
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: not when something is folded, which leaves the choice behind
  useEffect(() => show(), [of, chosen, through]);
  // A folded step that gets another name stays folded.
  const named = useRef(flow.steps);
  const rename = useEffectEvent((before: Flow["steps"]) => {
    if (before.length !== flow.steps.length) return;
    const now = new Map(before.map((step, place) => [step.id, flow.steps[place]?.id ?? step.id]));
    if ([...folded].some((id) => !through.has(id) && now.has(id)))
      put([...folded].map((id) => (through.has(id) ? id : (now.get(id) ?? id))));
  });
  useLayoutEffect(() => {
    rename(named.current);
    named.current = flow.steps;
  }, [flow.steps]);
  const [some, any] = [inside.size > 0, branches.length > 0];
  const commands = useMemo<Command[]>(
    () => (some || any ? [{ name: t(some ? "canvas.unfold_all" : "canvas.fold_all"), run: turnAll }] : []),
    [t, some, any, turnAll],
  );
  useCommands(commands);
  return { into, inside, holds, branches, turn, turnAll };
}

const NONE: ReadonlySet<string> = new Set();
