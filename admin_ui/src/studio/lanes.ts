/**
 * How a way runs where a straight line would go behind cards: out into the gutter right of its card, along a lane that
 * is free of cards, and down or up the gutter left of the card it leads to.
 */
import type { Point } from "./layout";

export type Box = { x: number; y: number; width: number; height: number };
/** A way from a point on one card to a point on another; `down`: it leaves by the foot of its card. */
export type Run = { start: Point; end: Point; from: Box; to: Box; down: boolean };
/** Where a way bends. `out` and `into`: the gutters; `lane`: how high it runs between them. */
export type Bends = { out: number; lane: number; into: number };

const CLEAR = 8; // between a lane and a card
const GUTTER = 16; // from a card's side to the nearest way beside it
const APART = 7; // between ways that lead to different cards
const BESIDE = 4; // so many, then they share
const FOOT = 14;

/** Where it bends so that it runs behind no card. `which`: keeps it apart from ways that lead to other cards. */
export function bendsOf({ start, end, from, to, down }: Run, cards: readonly Box[], which: number): Bends {
  const shift = (which % BESIDE) * APART;
  const out = from.x + from.width + GUTTER + shift;
  const into = to.x - GUTTER - shift;
  const first = down ? start.y + FOOT : start.y;
  const [left, right] = [Math.min(out, into, start.x), Math.max(out, into, start.x)];
  const cost = (y: number) => Math.abs(y - first) + Math.abs(y - end.y);
  let best: number | undefined;
  for (const [above, below] of gaps(cards, left, right)) {
    const room = Math.min((below - above) / 2, CLEAR + shift);
    const y = Math.min(Math.max(first, above + room), below - room);
    if (best === undefined || cost(y) < cost(best)) best = y;
  }
  return { out, lane: best ?? first, into };
}

/** The points of it, from start to end. */
export function pointsOf(start: Point, end: Point, { out, lane, into }: Bends, down: boolean): Point[] {
  const foot = down ? start.y + FOOT : start.y;
  const leaves = down ? [start, { x: start.x, y: foot }] : [start];
  const turns =
    lane === foot
      ? []
      : [
          { x: out, y: foot },
          { x: out, y: lane },
        ];
  return [...leaves, ...turns, { x: into, y: lane }, { x: into, y: end.y }, end];
}

/** As a path with round corners. */
export function pathOf(points: readonly Point[], radius = 6): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M ${first.x},${first.y}`;
  let before = first;
  for (const [place, corner] of rest.entries()) {
    const next = rest[place + 1];
    if (!next) return `${path} L ${corner.x},${corner.y}`;
    const near = toward(corner, before, radius);
    const far = toward(corner, next, radius);
    path += ` L ${near.x},${near.y} Q ${corner.x},${corner.y} ${far.x},${far.y}`;
    before = corner;
  }
  return path;
}

function toward(from: Point, to: Point, radius: number): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const long = Math.hypot(dx, dy);
  if (long === 0) return from;
  const part = Math.min(radius, long / 2) / long;
  return { x: from.x + dx * part, y: from.y + dy * part };
}

/** Whether a plain curve between the two goes behind a card, or back over its own. */
export function goesBehind({ start, end, from, to, down }: Run, cards: readonly Box[]): boolean {
  if (down ? end.y < start.y : end.x < from.x + from.width) return true;
  const [bendX, bendY] = down ? [0, (end.y - start.y) / 2] : [(end.x - start.x) / 2, 0];
  const [one, other] = [
    { x: start.x + bendX, y: start.y + bendY },
    { x: end.x - bendX, y: end.y - bendY },
  ];
  const [top, foot] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
  const [left, right] = [Math.min(start.x, end.x), Math.max(start.x, end.x)];
  const near = cards.filter(
    (card) =>
      !alike(card, from) &&
      !alike(card, to) &&
      card.x <= right &&
      card.x + card.width >= left &&
      card.y <= foot &&
      card.y + card.height >= top,
  );
  if (near.length === 0) return false;
  for (let part = 0; part <= 1; part += 1 / 24) {
    const x = along(part, start.x, one.x, other.x, end.x);
    const y = along(part, start.y, one.y, other.y, end.y);
    if (
      near.some((card) => x >= card.x && x <= card.x + card.width && y >= card.y && y <= card.y + card.height)
    )
      return true;
  }
  return false;
}

function alike(one: Box, other: Box): boolean {
  return one.x === other.x && one.y === other.y;
}

function along(part: number, a: number, b: number, c: number, d: number): number {
  const rest = 1 - part;
  return rest ** 3 * a + 3 * rest ** 2 * part * b + 3 * rest * part ** 2 * c + part ** 3 * d;
}

/** The free bands between the cards that stand between two x, from above all of them to below. */
function gaps(cards: readonly Box[], left: number, right: number): [number, number][] {
  const taken = cards
    .filter((card) => card.x < right && card.x + card.width > left)
    .map((card): [number, number] => [card.y - CLEAR, card.y + card.height + CLEAR])
    .sort((one, other) => one[0] - other[0]);
  const found: [number, number][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const [top, foot] of taken) {
    if (top > end) found.push([end, top]);
    end = Math.max(end, foot);
  }
  return [...found, [end, Number.POSITIVE_INFINITY]];
}
