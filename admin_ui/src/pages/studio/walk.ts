/** Which step an arrow key leads to. */
import type { Flow } from "../../studio/flow-text";
import type { Point, Way } from "../../studio/layout";

const ASIDE = 2; // a card that lies aside counts as farther away
const LEAST = 8; // pixels: nearer it lies in no direction

/** Along a way, to the nearest card in that direction; where none lies there, along any way, or in the text's order. */
export function walked(
  from: string,
  arrow: Point,
  flow: Flow,
  ways: Way[],
  at: (id: string) => Point | undefined,
): string | undefined {
  const here = at(from);
  const forward = ways.filter((way) => way.from === from && way.to !== from).map((way) => way.to);
  const back = ways.filter((way) => way.to === from && way.from !== from).map((way) => way.from);
  const near = [...forward, ...back].flatMap((id) => {
    const there = at(id);
    if (!here || !there) return [];
    const [x, y] = [there.x - here.x, there.y - here.y];
    const along = x * arrow.x + y * arrow.y;
    const aside = Math.abs(x * arrow.y) + Math.abs(y * arrow.x);
    return along > LEAST ? [{ id, far: along + ASIDE * aside }] : [];
  });
  const [nearest] = near.sort((one, other) => one.far - other.far);
  if (nearest) return nearest.id;
  const place = flow.steps.findIndex((step) => step.id === from);
  if (arrow.x !== 0) return arrow.x > 0 ? forward[0] : back[0];
  return flow.steps[place + arrow.y]?.id;
}
