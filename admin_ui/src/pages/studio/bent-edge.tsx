import { BaseEdge, type EdgeProps, getSmoothStepPath } from "@xyflow/react";
import { pathOf, pointsOf } from "../../studio/lanes";
import type { LineEdge } from "./edges";

const STILL = 12; // pixels from where its ends were when its bends were made

/** A way around the cards; while one of its cards is dragged, a simpler one. */
export function BentEdge({
  sourceX,
  sourceY,
  targetX,
  targetY,
  sourcePosition,
  targetPosition,
  markerEnd,
  interactionWidth,
  data,
}: EdgeProps<LineEdge>) {
  const bent = data?.bent;
  const still =
    bent &&
    Math.hypot(sourceX - bent.start.x, sourceY - bent.start.y) < STILL &&
    Math.hypot(targetX - bent.end.x, targetY - bent.end.y) < STILL;
  const path = still
    ? pathOf(pointsOf({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, bent.bends, data.down))
    : getSmoothStepPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition })[0];
  return (
    <BaseEdge
      path={path}
      {...(markerEnd === undefined ? {} : { markerEnd })}
      {...(interactionWidth === undefined ? {} : { interactionWidth })}
    />
  );
}

export const EDGES = { bent: BentEdge };
