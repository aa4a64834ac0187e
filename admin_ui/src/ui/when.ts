/** Moments and spans in words. */

/** The person's own way to write the chosen language: British hours for who browses in British English. */
export function locale(language: string): string {
  return navigator.languages.find((each) => each.toLowerCase().split("-")[0] === language) ?? language;
}

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
  return new Intl.DateTimeFormat(locale(language), { dateStyle: "full", timeStyle: "long" }).format(moment);
}

/** A span in words, such as "35 ms", "1.4 s" or "2 min", from seconds. */
export function span(seconds: number, language: string): string {
  const [unit, value] =
    seconds < 1
      ? (["millisecond", seconds * 1000] as const)
      : seconds < 60
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
    maximumFractionDigits: value < 10 && unit !== "millisecond" ? 1 : 0,
  }).format(value);
}
