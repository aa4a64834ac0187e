import fc from "fast-check";
import { expect, test } from "vitest";
import { type Box, bendsOf, goesBehind, inOrder, pathOf, pointsOf, type Run } from "./lanes";
import { CARD, type Point } from "./layout";

/** Four columns of cards as the canvas places them, of different heights. */
const cards: Box[] = [0, 1, 2, 3].flatMap((column) => {
  let y = 0;
  return [80, 214, 120, 60].slice(0, 4 - (column % 2)).map((height): Box => {
    const box = { x: column * CARD.column, y, width: CARD.width, height: height + column * 10 };
    y += box.height + CARD.gap;
    return box;
  });
});

function run(from: Box, to: Box, down: boolean): Run {
  const start = down
    ? { x: from.x + from.width / 2, y: from.y + from.height }
    : { x: from.x + from.width, y: from.y + from.height - 13 };
  return { start, end: { x: to.x, y: to.y + 17 }, from, to, down };
}

function crosses(one: Point, other: Point, card: Box): boolean {
  const inside = 1; // a way that touches a card's edge begins or ends there
  return (
    Math.max(one.x, other.x) > card.x + inside &&
    Math.min(one.x, other.x) < card.x + card.width - inside &&
    Math.max(one.y, other.y) > card.y + inside &&
    Math.min(one.y, other.y) < card.y + card.height - inside
  );
}

test("no way that is bent runs behind a card", () => {
  let bent = 0;
  for (const [which, to] of cards.entries())
    for (const from of cards)
      for (const down of [true, false]) {
        const way = run(from, to, down);
        if (!goesBehind(way, inOrder(cards))) continue;
        bent += 1;
        const points = pointsOf(way.start, way.end, bendsOf(way, inOrder(cards), which), down);
        for (const [place, point] of points.slice(1).entries()) {
          const before = points[place] as Point;
          expect(before.x === point.x || before.y === point.y, JSON.stringify(points)).toBe(true);
          for (const card of cards) expect(crosses(before, point, card), JSON.stringify(points)).toBe(false);
        }
      }
  expect(bent).toBeGreaterThan(100);
});

test("no way runs behind a card that a hand moved into a gutter, where there is room beside it", () => {
  const gutter = CARD.column - CARD.width;
  const small = (x: number, y: number): Box => ({ x, y, width: gutter / 2, height: 70 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 0, max: 6 })), { minLength: 1, maxLength: 4 }),
      fc.tuple(fc.nat(gutter / 2), fc.nat(gutter / 2), fc.nat(gutter / 2)), // one in a gutter: else nothing is free
      (moved, asides) => {
        const left = (column: number) => column * CARD.column + CARD.width + (asides[column] ?? 0);
        const all = [...cards, ...moved.map(([column, row]) => small(left(column), row * 90))];
        for (const [which, to] of cards.entries())
          for (const from of cards) {
            const way = run(from, to, false);
            const [start, end] = [way.start, way.end].map(({ x, y }) =>
              all.some(
                (card) =>
                  x >= card.x - 12 &&
                  x <= card.x + card.width + 12 &&
                  y >= card.y &&
                  y <= card.y + card.height &&
                  card !== from &&
                  card !== to,
              ),
            );
            if (start || end || !goesBehind(way, inOrder(all))) continue;
            const points = pointsOf(way.start, way.end, bendsOf(way, inOrder(all), which), false);
            const behind = all.some((card) =>
              points.slice(1).some((point, place) => crosses(points[place] as Point, point, card)),
            );
            if (behind) throw new Error(`${JSON.stringify(way)} runs ${JSON.stringify(points)}`);
          }
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 10) },
  );
});

test("a way to the next column goes straight, one back to its own card goes around it", () => {
  const [first, , , , beside] = cards as [Box, Box, Box, Box, Box];
  expect(goesBehind(run(first, beside, false), inOrder(cards))).toBe(false);
  const loop = run(first, first, false);
  expect(goesBehind(loop, inOrder(cards))).toBe(true);
  const { lane } = bendsOf(loop, inOrder(cards), 0);
  expect(lane < first.y || lane > first.y + first.height).toBe(true);
});

test("a path has round corners and ends where the way ends", () => {
  const path = pathOf([
    { x: 0, y: 0 },
    { x: 20, y: 0 },
    { x: 20, y: 40 },
  ]);
  expect(path).toBe("M 0,0 L 14,0 Q 20,0 20,6 L 20,40");
});
