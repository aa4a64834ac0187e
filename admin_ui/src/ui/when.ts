/** Moments and spans in words. */

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 minutes ago", "in 2 hours", "now". `now` in milliseconds; what is a little later than it is now. */
export function relative(moment: Date, now: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const seconds = (moment.getTime() - now) / 1000;
  for (const [unit, length] of UNITS)
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  return format.format(0, "second");
}

/** The whole moment, with its zone. */
export function exact(moment: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" }).format(moment);
}

/** A span in words, such as "2 min" or "1.4 s", from seconds. */
export function span(seconds: number, language: string): string {
  const [unit, value] =
    seconds < 60
      ? (["second", seconds] as const)
      : seconds < 3_600
        ? (["minute", seconds / 60] as const)
        : seconds < 86_400
          ? (["hour", seconds / 3_600] as const)
          : (["day", seconds / 86_400] as const);
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}
