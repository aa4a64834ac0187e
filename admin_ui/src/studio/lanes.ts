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
const FAR = 400; // how far from its usual gutter a way is led
const SIDES = 12; // of cards, along which it may run
const TIGHT = 3; // beside a card, where there is no more room

/** Where a way can run up or down, and from where to where cards stand there. */
type Gutter = { x: number; taken: readonly Span[] };

type Span = [top: number, foot: number];
/** Cards from the top down, with what hundreds of ways ask of them. `tallest`: no card is taller. */
export type InOrder = {
  cards: readonly Box[];
  tallest: number;
  /** What cards take of a line down the canvas, by its x. */
  taken: Map<number, Span[]>;
};

export function inOrder(cards: readonly Box[]): InOrder {
  return {
    cards: cards.toSorted((one, other) => one.y - other.y),
    tallest: Math.max(0, ...cards.map((card) => card.height)),
    taken: new Map(),
  };
}

/** Those that reach into a band, its edges too. */
function between({ cards, tallest }: InOrder, top: number, foot: number): Box[] {
  let [at, end] = [0, cards.length];
  while (at < end) {
    const middle = (at + end) >> 1;
    if ((cards[middle] as Box).y < top - tallest) at = middle + 1;
    else end = middle;
  }
  const found: Box[] = [];
  for (let card = cards[at]; card && card.y <= foot; at += 1, card = cards[at])
    if (card.y + card.height >= top) found.push(card);
  return found;
}

/**
 * Where it bends so that it runs behind no card: in the gutters beside its two cards, or beside what a hand moved into
 * them. `which`: keeps it apart from ways that lead to other cards.
 */
export function bendsOf(run: Run, cards: InOrder, which: number): Bends {
  const { start, end, from, to, down } = run;
  const shift = (which % BESIDE) * APART;
  const right = from.x + from.width;
  const [out, into] = [right + GUTTER + shift, to.x - GUTTER - shift];
  const first = down ? start.y + FOOT : start.y;
  const shortest = lanesOf(run, cards, out, into, shift).reduce((one, other) =>
    other.long < one.long ? other : one,
  );
  const usual = { out, lane: shortest.lane, into };
  const clear = (one: Gutter, other: Gutter, lane: number) =>
    open(one, first, lane) && open(other, lane, end.y);
  const [leaves, comes] = [gutterAt(out, cards, start.x, first), gutterAt(into, cards, end.x, end.y)];
  if (leaves && comes && clear(leaves, comes, usual.lane)) return usual;
  const gutters = (near: number, at: number, y: number) =>
    besideOf(cards, near, shift).flatMap((x) => gutterAt(x, cards, at, y) ?? []);
  const outs = gutters(out, start.x, first).filter(({ x }) => x > right);
  const intos = gutters(into, end.x, end.y).filter(({ x }) => x < to.x);
  let best: (Bends & { long: number }) | undefined;
  for (const one of outs)
    for (const other of intos)
      for (const { lane, long } of lanesOf(run, cards, one.x, other.x, shift)) {
        const farther = long + Math.abs(one.x - out) + Math.abs(other.x - into);
        if ((best === undefined || farther < best.long) && clear(one, other, lane))
          best = { out: one.x, lane, into: other.x, long: farther };
      }
  return best ? { out: best.out, lane: best.lane, into: best.into } : usual;
}

/** The lanes between two gutters, and how far they lead up and down. */
function lanesOf(
  { start, end, down }: Run,
  cards: InOrder,
  out: number,
  into: number,
  shift: number,
): { lane: number; long: number }[] {
  const first = down ? start.y + FOOT : start.y;
  const [left, right] = [Math.min(out, into, start.x), Math.max(out, into, start.x)];
  return gaps(cards, left, right).map(([above, below]) => {
    const room = Math.min((below - above) / 2, CLEAR + shift);
    const lane = Math.min(Math.max(first, above + room), below - room);
    return { lane, long: Math.abs(lane - first) + Math.abs(lane - end.y) };
  });
}

/** The sides of cards along which a way can run, nearest first. */
function besideOf({ cards }: InOrder, near: number, shift: number): number[] {
  const sides = cards.flatMap(({ x, width }) => [
    ...[x - GUTTER - shift, x - CLEAR, x - TIGHT],
    ...[x + width + TIGHT, x + width + CLEAR, x + width + GUTTER + shift],
  ]);
  const there = [...new Set([near, ...sides])].filter((x) => Math.abs(x - near) < FAR);
  return there.sort((one, other) => Math.abs(one - near) - Math.abs(other - near)).slice(0, SIDES);
}

/** Undefined: a card stands between it and the end of the way, which is `at` there, `y` high. */
function gutterAt(x: number, cards: InOrder, at: number, y: number): Gutter | undefined {
  const [left, right] = [Math.min(x, at), Math.max(x, at)];
  const stands = (card: Box) =>
    right > card.x && left < card.x + card.width && y > card.y && y < card.y + card.height;
  if (between(cards, y, y).some(stands)) return undefined;
  return { x, taken: takenAt(x, cards) };
}

function takenAt(x: number, { cards, taken }: InOrder): readonly Span[] {
  const known = taken.get(x);
  if (known) return known;
  const there = cards.filter((card) => x > card.x && x < card.x + card.width);
  const spans = there.map((card): Span => [card.y, card.y + card.height]);
  taken.set(x, spans);
  return spans;
}

function open({ taken }: Gutter, one: number, other: number): boolean {
  const [top, foot] = [Math.min(one, other), Math.max(one, other)];
  return !taken.some(([above, below]) => foot > above && top < below);
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
export function goesBehind({ start, end, from, to, down }: Run, cards: InOrder): boolean {
  if (down ? end.y < start.y : end.x < from.x + from.width) return true;
  const [bendX, bendY] = down ? [0, (end.y - start.y) / 2] : [(end.x - start.x) / 2, 0];
  const [one, other] = [
    { x: start.x + bendX, y: start.y + bendY },
    { x: end.x - bendX, y: end.y - bendY },
  ];
  const [top, foot] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
  const [left, right] = [Math.min(start.x, end.x), Math.max(start.x, end.x)];
  const near = between(cards, top, foot).filter(
    (card) => card.x <= right && card.x + card.width >= left && !alike(card, from) && !alike(card, to),
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
function gaps({ cards }: InOrder, left: number, right: number): [number, number][] {
  const taken = cards
    .filter((card) => card.x < right && card.x + card.width > left)
    .map((card): [number, number] => [card.y - CLEAR, card.y + card.height + CLEAR]);
  const found: [number, number][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const [top, foot] of taken) {
    if (top > end) found.push([end, top]);
    end = Math.max(end, foot);
  }
  return [...found, [end, Number.POSITIVE_INFINITY]];
}
