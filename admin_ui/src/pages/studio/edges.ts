import { type Edge, MarkerType } from "@xyflow/react";
import { type Bends, type Box, bendsOf, goesBehind, inOrder, type Run } from "../../studio/lanes";
import type { Point, Way } from "../../studio/layout";
import { cn } from "../../ui/cn";
import { ABOVE, ASIDE, type CardNode, FOLD, NEXT } from "./step-card";

/** A line of the canvas. `bent`: where it goes around the cards, and from where to where it was made to. */
export type Line = { way: Way; target: string; bent?: { bends: Bends; start: Point; end: Point } };
export type LineEdge = Edge<{ bent?: Line["bent"] | undefined; down: boolean }>;

/** How the ways run between the cards where these stand. */
export function linesOf(ways: readonly Way[], nodes: readonly CardNode[]): Line[] {
  const cards = new Map(nodes.map((node) => [node.id, node]));
  const boxes = new Map(nodes.map((node) => [node.id, boxOf(node)]));
  const all = inOrder([...boxes.values()]);
  const lanes = new Map<string, number>(); // ways that lead to one card share a lane
  return ways.map((way): Line => {
    const down = leavesDown(way);
    const straight = { way, target: down ? ABOVE : ASIDE };
    const [source, target] = [cards.get(way.from), cards.get(way.to)];
    const [from, to] = [boxes.get(way.from), boxes.get(way.to)];
    const start = source && pointOf(source, handleOf(way));
    if (!target || !from || !to || !start) return straight;
    const run = (handle: string): Run => ({ start, end: pointOf(target, handle) ?? to, from, to, down });
    if (!goesBehind(run(straight.target), all)) return straight;
    if (!lanes.has(way.to)) lanes.set(way.to, lanes.size);
    const around = run(ASIDE);
    return {
      way,
      target: ASIDE,
      bent: { bends: bendsOf(around, all, lanes.get(way.to) ?? 0), start, end: around.end },
    };
  });
}

/** What xyflow draws. `under`: the way over which something is carried. */
export function edgesOf(
  lines: readonly Line[],
  { chosen, under, editable }: { chosen: string | undefined; under: string | undefined; editable: boolean },
): LineEdge[] {
  return lines.map(({ way, target, bent }): LineEdge => {
    const id = wayId(way);
    const near = way.from === chosen || way.to === chosen;
    return {
      id,
      type: bent ? "bent" : "default",
      data: { bent, down: leavesDown(way) },
      targetHandle: target,
      source: way.from,
      target: way.to,
      sourceHandle: handleOf(way),
      markerEnd: near ? ARROW_NEAR : ARROW,
      focusable: false,
      ariaLabel: `${way.from} → ${way.to}`,
      reconnectable: editable && way.outcome !== FOLD ? "target" : false,
      className: cn(
        near && "studio-edge-near",
        id === under && "studio-edge-under",
        way.outcome === FOLD && "studio-edge-folded",
      ),
    };
  });
}

const arrow = (color: string) => ({
  type: MarkerType.ArrowClosed,
  markerUnits: "userSpaceOnUse",
  width: 20,
  height: 20,
  color,
});
const ARROW = arrow("var(--muted-foreground)");
const ARROW_NEAR = arrow("var(--primary)");

export function sameEdge(one: LineEdge, other: LineEdge): boolean {
  return (
    one.className === other.className &&
    one.reconnectable === other.reconnectable &&
    one.targetHandle === other.targetHandle &&
    JSON.stringify(one.data) === JSON.stringify(other.data)
  );
}

export function wayId(way: Way): string {
  return `${way.from}:${way.outcome}:${way.to}`;
}

const handleOf = (way: Way) => (way.outcome === "" ? NEXT : way.outcome);
const leavesDown = (way: Way) => way.outcome === "" || way.outcome === FOLD;

export function outcomeOf(handle: string | null | undefined): string {
  return handle === NEXT || handle == null ? "" : handle;
}

function boxOf(node: CardNode): Box {
  return { ...node.position, width: node.width ?? 0, height: node.initialHeight ?? 0 };
}

/** Where a handle stands on the canvas. */
function pointOf(node: CardNode, handle: string): Point | undefined {
  const there = node.handles?.find((each) => each.id === handle);
  if (!there) return undefined;
  return {
    x: node.position.x + there.x + (there.width ?? 0) / 2,
    y: node.position.y + there.y + (there.height ?? 0) / 2,
  };
}
