import { type Edge, MarkerType } from "@xyflow/react";
import type { Way } from "../../studio/layout";
import { cn } from "../../ui/cn";
import { ABOVE, ASIDE, type CardNode, NEXT } from "./step-card";

/** The lines of the canvas. `under`: the way over which something is carried. */
export function edgesOf(
  ways: readonly Way[],
  nodes: readonly CardNode[],
  { chosen, under, editable }: { chosen: string | undefined; under: string | undefined; editable: boolean },
): Edge[] {
  const at = new Map(nodes.map((node) => [node.id, node.position]));
  return ways.map((way): Edge => {
    const id = wayId(way);
    const [from, to] = [at.get(way.from), at.get(way.to)];
    const back = from && to && to.y <= from.y && to.x <= from.x;
    return {
      id,
      // What leads back goes around the cards.
      type: back ? "smoothstep" : "default",
      targetHandle: way.outcome === "" && !back ? ABOVE : ASIDE,
      source: way.from,
      target: way.to,
      sourceHandle: way.outcome === "" ? NEXT : way.outcome,
      markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
      focusable: false,
      reconnectable: editable ? "target" : false,
      className: cn(
        (way.from === chosen || way.to === chosen) && "studio-edge-near",
        id === under && "studio-edge-under",
      ),
    };
  });
}

export function wayId(way: Way): string {
  return `${way.from}:${way.outcome}:${way.to}`;
}

export function outcomeOf(handle: string | null | undefined): string {
  return handle === NEXT || handle == null ? "" : handle;
}
