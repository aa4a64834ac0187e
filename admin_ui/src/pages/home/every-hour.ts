import type { Schemas } from "../../api/client";

export type Hour = { at: Date; received: number; sent: number; failed: number };

const HOUR_MS = 3_600_000;

/** The last 24 hours up to `now`, also those in which nothing happened. */
export function everyHour(told: Schemas["HourOut"][], now: Date): Hour[] {
  const known = new Map(told.map((each) => [Date.parse(each.at), each]));
  const last = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  return Array.from({ length: 24 }, (_, index) => {
    const at = last - (23 - index) * HOUR_MS;
    const { received = 0, sent = 0, failed = 0 } = known.get(at) ?? {};
    return { at: new Date(at), received, sent, failed };
  });
}
