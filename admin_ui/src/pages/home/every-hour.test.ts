import { expect, test } from "vitest";
import { everyHour } from "./every-hour";

test("24 hours, the last one is this one, quiet ones among them", () => {
  const told = [{ at: "2026-11-26T01:00:00Z", received: 3, sent: 4, failed: 1 }];
  const hours = everyHour(told, new Date("2026-11-26T02:30:00Z"));
  expect(hours).toHaveLength(24);
  expect(hours.at(-1)).toMatchObject({ at: new Date("2026-11-26T02:00:00Z"), received: 0 });
  expect(hours.at(-2)).toMatchObject({ received: 3, sent: 4, failed: 1 });
  expect(hours[0]?.at).toEqual(new Date("2026-11-25T03:00:00Z"));
});
