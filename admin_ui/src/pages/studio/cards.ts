import type { TFunction } from "i18next";
import { useMemo } from "react";
import type { Schemas } from "../../api/client";
import type { Change } from "../../studio/compared";
import type { Flow, Step } from "../../studio/flow-text";
import { type Action, choiceWords, glimpse, type openOf } from "../../studio/outcomes";
import type { Tongue } from "../../studio/tongue";
import { faultsOf } from "./faults";
import type { Folds } from "./folds";
import type { Beside } from "./others";
import type { Card } from "./step-card";
import type { Reached } from "./test-run";
import { useUnchanged } from "./unchanged";

/** What cards tell beside what the flow says. */
export type Told = {
  actions: ReadonlyMap<string, Action>;
  diagnostics: Schemas["DiagnosticOut"][];
  /** How cards speak. */
  tongue: Tongue;
  /** The steps that lack what they should say so. */
  gaps: ReadonlyMap<string, "missing" | "stale">;
  /** Who else is at which step. */
  beside: ReadonlyMap<string, readonly Beside[]>;
  /** What the tests reached of each step, while that is shown: what is not in it, nothing. */
  reached: ReadonlyMap<string, Reached> | undefined;
  /** What makes it out of another state of the flow, while that is shown. */
  changes?: ReadonlyMap<string, Change> | undefined;
  /** The step at which the simulator waits. */
  here: string | undefined;
};

/** The cards of a flow, by step. `open`: the outcomes of a step. A folded one tells what is to be told of its steps. */
export function useCards(
  flow: Flow,
  open: (step: Step) => ReturnType<typeof openOf>,
  { into, inside, holds }: Pick<Folds, "into" | "inside" | "holds">,
  { actions, diagnostics, tongue, gaps, beside, reached, changes, here }: Told,
): ReadonlyMap<string, Card> {
  const made = useMemo(() => {
    const faults = faultsOf(flow, diagnostics, into);
    return flow.steps.map((step): Card => {
      const { shown, ends, none } = open(step);
      const all = [step.id, ...(inside.get(step.id) ?? [])];
      return {
        step,
        title: actions.get(step.action)?.title ?? step.action,
        words: glimpse(step, tongue, flow.id),
        outcomes: shown.map((name) => ({ name, words: choiceWords(step, name, tongue, flow.id) })),
        gap: gaps.get(all.find((id) => gaps.has(id)) ?? ""),
        beside: all.length > 1 ? all.flatMap((id) => beside.get(id) ?? []) : (beside.get(step.id) ?? NOBODY),
        reached: reached && !step.disabled ? (reached.get(step.id) ?? unreached(shown)) : undefined,
        change: changes?.get(step.id),
        through: !ends && none,
        here: here !== undefined && all.includes(here),
        folds: holds.has(step.id),
        folded: all.length - 1,
        fault: faults.get(step.id),
      };
    });
  }, [flow, actions, open, into, inside, holds, diagnostics, tongue, gaps, beside, reached, changes, here]);
  const kept = useUnchanged(made, (card) => card.step.id, sameCard);
  return useMemo(() => new Map(kept.map((card) => [card.step.id, card])), [kept]);
}

function sameCard(one: Card, other: Card): boolean {
  return (Object.keys(one) as (keyof Card)[]).every((part) =>
    part === "outcomes" || part === "reached" || part === "beside"
      ? told(one[part]) === told(other[part])
      : one[part] === other[part],
  );
}

const told = (value: unknown) =>
  JSON.stringify(value, (_, each: unknown) => (each instanceof Set ? [...each] : each));

/** A card for who hears it. */
export function heard(card: Card | undefined, t: TFunction<"studio">): string {
  if (!card) return "";
  const folded = card.folded > 0 ? `; ${t("canvas.folded", { count: card.folded })}` : "";
  return `${card.step.id}, ${card.title}: ${card.words}${folded}`;
}

const NOBODY: readonly Beside[] = [];

/** A step that came after the last run of the tests. */
function unreached(outcomes: string[]): Reached {
  return { step: false, missed: new Set(outcomes) };
}
