import { expect, test } from "vitest";
import { meanwhile, read, touched, unsent, valuesOf, written } from "./typed";

const SERVER: { name: string; url: string; note?: string } = { name: "CRM", url: "https://a" };

test("what is not touched follows the server", () => {
  const mine = touched({}, SERVER, { name: "Till" });
  expect(valuesOf({ name: "CRM", url: "https://b" }, mine)).toEqual({ name: "Till", url: "https://b" });
  expect(meanwhile(mine, { name: "CRM", url: "https://b" })).toEqual({});
});

test("a field that both changed is told, unless both made the same of it", () => {
  const mine = touched({}, SERVER, { name: "Till" });
  expect(meanwhile(mine, { name: "Desk", url: "https://a" })).toEqual({ name: "Desk" });
  expect(meanwhile(mine, { name: "Till", url: "https://a" })).toEqual({});
  const longer = touched(mine, { name: "Desk", url: "https://a" }, { name: "Till 2" });
  expect(meanwhile(longer, { name: "Desk", url: "https://a" })).toEqual({ name: "Desk" });
});

test("what is typed back is not touched", () => {
  const mine = touched(touched({}, SERVER, { name: "Till" }), SERVER, { name: "CRM" });
  expect(mine).toEqual({});
  expect(written(mine, [])).toBeUndefined();
});

test("what is kept is read again, also that a field was emptied; a secret is not kept", () => {
  const server = { ...SERVER, note: "old" };
  const mine = touched({}, server, { note: undefined, url: "https://secret" } as Partial<typeof server>);
  const text = written(mine, ["url"]) ?? "";
  expect(text).not.toContain("secret");
  expect(valuesOf<typeof SERVER>(server, read(text))).toEqual({ name: "CRM", url: "https://a" });
  expect(read("nonsense")).toEqual({});
  expect(read("[1]")).toEqual({});
});

test("what is typed while it is being saved is still to be saved, and nobody else's", () => {
  const sent = touched(touched({}, SERVER, { name: "Till" }), SERVER, { url: "https://b" });
  const mine = unsent(touched(sent, SERVER, { name: "Till 2" }), sent);
  const saved = { name: "Till", url: "https://b" };
  expect(valuesOf(saved, mine)).toEqual({ name: "Till 2", url: "https://b" });
  expect(meanwhile(mine, saved)).toEqual({});
  expect(unsent(sent, sent)).toEqual({});
});
