import { expect, test } from "vitest";
import { beginOf, chosenOf, declaredIn, phoneOf, placeOf, profileOf, READY, readValue } from "./personas";

const BOT = `chatloom: bot/v1
languages: [it, en]
contact:
  fields:
    loyalty: {type: string}
    visits: {type: integer}
    vip: {type: boolean}
`;
const [EMILY, GIULIA, SOMEBODY] = READY;

test("who speaks the author's language, or the bot's first, writes until another is chosen", () => {
  expect(chosenOf({ own: [], chosen: "" }, BOT, "it")).toBe(GIULIA);
  expect(chosenOf({ own: [], chosen: "" }, BOT, "en")).toBe(EMILY);
  expect(chosenOf({ own: [], chosen: "" }, "languages: [it, de]", "en")).toBe(GIULIA);
  expect(chosenOf({ own: [], chosen: "" }, "languages: [de]", "it")).toBe(EMILY);
  const own = { ...SOMEBODY, id: "own", title: "Regular" };
  expect(chosenOf({ own: [own], chosen: "own" }, BOT, "it")).toBe(own);
  expect(chosenOf({ own: [], chosen: "own" }, BOT, "it")).toBe(GIULIA);
});

test("the contact is what is known of it, with the fields that the bot declares", () => {
  const fields = { loyalty: "gold", vip: false, gone: 1 };
  expect(profileOf({ ...EMILY, timezone: "", fields }, declaredIn(BOT))).toEqual({
    name: "Emily Carter",
    language: "en",
    phone: "447700900123",
    loyalty: "gold",
    vip: false,
  });
  expect(profileOf(SOMEBODY, declaredIn(BOT))).toEqual({});
  expect(declaredIn("contact: [")).toEqual([]);
});

test("what is typed becomes a value of the field's type", () => {
  const [loyalty, visits, vip] = declaredIn(BOT);
  if (!loyalty || !visits || !vip) throw new Error("three fields are declared");
  expect([readValue(loyalty, "3"), readValue(visits, "3"), readValue(vip, "false")]).toEqual(["3", 3, false]);
  expect(readValue(visits, "")).toBeUndefined();
  for (const wrong of ["three", "2.5", "true"]) expect(() => readValue(visits, wrong)).toThrow(SyntaxError);
});

test.each([
  ["+39 333 111-2222", "393331112222"],
  ["0044 7700 900123", "447700900123"],
  ["", ""],
  ["12", undefined],
  ["+39 CALL", undefined],
])("the phone number %j is %j", (text, digits) => {
  expect(phoneOf(text)).toBe(digits);
});

test.each([
  ["2026-12-24T20:00", "Europe/Rome", "2026-12-24T19:00:00.000Z"],
  ["2026-07-01T08:30", "Europe/Rome", "2026-07-01T06:30:00.000Z"],
  ["2026-03-29T03:30", "Europe/Rome", "2026-03-29T01:30:00.000Z"], // right after the clock was put forward
  ["2026-01-01T00:15", "Asia/Kolkata", "2025-12-31T18:45:00.000Z"],
])("a talk that begins at %s in %s begins at %s", (begins, timezone, at) => {
  expect(beginOf({ ...EMILY, begins, timezone })?.toISOString()).toBe(at);
});

test("a talk begins now where nothing else is said", () => {
  expect(beginOf(EMILY)).toBeUndefined();
  expect(beginOf({ ...SOMEBODY, begins: "2026-12-24T20:00" })).toEqual(new Date("2026-12-24T20:00"));
});

test("a talk begins at the step that was chosen, with what the flow holds for who writes", () => {
  const held = { "ready-en": { order: { count: 2 } } };
  const at = { own: [], chosen: "", begin: { flow: "order", step: "thanks" }, data: held };
  expect(placeOf(at, EMILY)).toEqual({ flow: "order", step: "thanks", data: { count: 2 } });
  expect(placeOf(at, GIULIA)).toEqual({ flow: "order", step: "thanks", data: {} });
  expect(placeOf({ ...at, begin: undefined }, EMILY)).toBeUndefined();
});
