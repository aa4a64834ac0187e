/** When an export comes again: what people choose, and the cron line that the server keeps. */

export type Each = "day" | "week" | "month" | "cron";

/** `weekday`: 0 is Sunday, as cron counts; `day`: of the month; `at`: "06:30". */
export type When = { each: Each; weekday: string; day: string; at: string; cron: string };

export const EACH: Each[] = ["day", "week", "month", "cron"];

export function cronOf({ each, weekday, day, at, cron }: When): string {
  if (each === "cron") return cron.trim();
  const [hour = 0, minute = 0] = at.split(":").map(Number);
  return `${minute} ${hour} ${each === "month" ? day : "*"} * ${each === "week" ? weekday : "*"}`;
}

/** What a cron line says in plain words, where it is one that a person could have chosen so. */
export function plain(cron: string): Omit<When, "cron"> | undefined {
  const found = /^(\d{1,2}) (\d{1,2}) (\d{1,2}|\*) \* ([0-7]|\*)$/.exec(cron.trim());
  if (!found) return undefined;
  const [, minute = "", hour = "", day = "", weekday = ""] = found;
  if (day !== "*" && weekday !== "*") return undefined; // either holds, as in cron
  const each: Each = day !== "*" ? "month" : weekday !== "*" ? "week" : "day";
  const at = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  return {
    each,
    weekday: weekday === "*" ? "" : String(Number(weekday) % 7),
    day: day === "*" ? "" : day,
    at,
  };
}

/** A weekday's name; 0 is Sunday. */
export function weekdayName(weekday: number, language: string): string {
  const sunday = Date.UTC(2023, 0, 1);
  return new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(
    new Date(sunday + weekday * 86_400_000),
  );
}
