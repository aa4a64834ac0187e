/** The cards as xyflow has them. */
import type { TFunction } from "i18next";
import type { Flow } from "../../studio/flow-text";
import { CARD, type Point } from "../../studio/layout";
import { heard } from "./cards";
import { alike, type Card, type CardNode, handles, height } from "./step-card";

export function nodesOf(
  flow: Flow,
  cards: ReadonlyMap<string, Card>,
  points: ReadonlyMap<string, Point>,
  t: TFunction<"studio">,
): CardNode[] {
  return flow.steps.flatMap((step): CardNode[] => {
    const card = cards.get(step.id);
    if (!card) return [];
    return [
      {
        id: step.id,
        type: "step",
        position: points.get(step.id) ?? { x: 0, y: 0 },
        width: CARD.width,
        initialHeight: height(card),
        handles: handles(card),
        data: card,
        ariaLabel: heard(card, t),
      },
    ];
  });
}

export const idOf = ({ id }: { id: string }) => id;

export function sameNode(one: CardNode, other: CardNode): boolean {
  return (
    one.data === other.data &&
    one.position.x === other.position.x &&
    one.position.y === other.position.y &&
    (one.selected ?? false) === (other.selected ?? false)
  );
}

/** Whether ways come in and go out at the same places. */
export function sameShape(one: CardNode, other: CardNode): boolean {
  return sameNode({ ...one, data: other.data }, other) && alike(one.data, other.data);
}

/** A node with what was measured of it when it was drawn, where that holds: its handles are then where they were found. */
export function measured(node: CardNode, was: CardNode | undefined): CardNode {
  if (!was?.measured || (was !== node && !alike(was.data, node.data))) return node;
  if (was === node && !node.handles) return node;
  const { handles: _, ...rest } = node;
  return { ...rest, measured: was.measured };
}
