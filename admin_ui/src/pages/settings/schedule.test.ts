import { expect, test } from "vitest";
import { cronOf, plain, weekdayName } from "./schedule";

const WHEN = { weekday: "1", day: "28", at: "06:30", cron: "0 7 1 1 *" };

test("what is chosen in plain words is a cron line, and reads so again", () => {
  expect(cronOf({ ...WHEN, each: "day" })).toBe("30 6 * * *");
  expect(cronOf({ ...WHEN, each: "week" })).toBe("30 6 * * 1");
  expect(cronOf({ ...WHEN, each: "month" })).toBe("30 6 28 * *");
  expect(cronOf({ ...WHEN, each: "cron" })).toBe("0 7 1 1 *");
  for (const each of ["day", "week", "month"] as const) {
    const read = plain(cronOf({ ...WHEN, each }));
    expect(read?.each).toBe(each);
    expect(read && cronOf({ ...read, cron: "" })).toBe(cronOf({ ...WHEN, each }));
  }
});

test("a line that is no such choice stays a line", () => {
  for (const cron of ["0 6 * * 1-5", "0 6 1 * 1", "0 7 1 1 *", "*/5 6 * * *"])
    expect(plain(cron)).toBeUndefined();
});

test("seven is Sunday too", () => {
  expect(plain("0 6 * * 7")?.weekday).toBe("0");
  expect(weekdayName(0, "it")).toBe("domenica");
});
