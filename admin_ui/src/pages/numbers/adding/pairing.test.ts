import { expect, test } from "vitest";
import { Problem } from "../../../api/problems";
import { after, type Pairing, report, type Told } from "./pairing";

const NOW = Date.parse("2026-11-26T02:00:00Z");
const order = {
  id: "o",
  kind: "pair",
  made_at: "",
  by: "",
  done_at: "2026-11-26T02:00:00Z",
  error_code: "",
  error: "",
};

function told(state: string, more: Partial<Told> = {}): Told {
  return {
    state,
    why: "",
    why_code: "",
    why_facts: {},
    until: null,
    since: null,
    account: "",
    served: true,
    vault_generation: null,
    vault_records: null,
    spool_depth: 0,
    order,
    qr: "",
    svg: "",
    code: "",
    ...more,
  };
}

function through(...all: Told[]): Pairing {
  return all.reduce<Pairing>((before, each, at) => after(before, each, "o", NOW + at * 1000), {
    step: "asking",
  });
}

const CODE = told("pairing", { svg: "<svg/>", until: "2026-11-26T02:01:00Z" });

test("what stood before the order was taken is no end", () => {
  const taken = told("unlinked", { why: "no phone" });
  const before = { ...taken, order: { ...order, done_at: null } };
  expect(through(before, taken)).toMatchObject({ step: "waiting" });
  const away = told("unlinked", { why: "WhatsApp cannot be reached" });
  expect(through(before, taken, told("connecting"), away)).toMatchObject({
    step: "ended",
    why: { why: away.why },
  });
});

test("a code counts down from when it came, and is renewed", () => {
  expect(through(CODE)).toMatchObject({ step: "code", length: 60_000 });
  expect(through(CODE, CODE)).toMatchObject({ length: 60_000 });
  const next = told("pairing", { svg: "<svg 2/>", until: "2026-11-26T02:01:21Z" });
  expect(through(CODE, next)).toMatchObject({ step: "code", svg: "<svg 2/>", length: 80_000 });
});

test("scanned, linking, online", () => {
  expect(through(CODE, told("connecting"))).toEqual({ step: "linking", at: NOW + 1000 });
  expect(through(CODE, told("connecting"), told("online", { account: "39333" }))).toMatchObject({
    step: "online",
    account: "39333",
  });
});

test("a code that comes again after a scan that led to nothing is shown", () => {
  expect(through(CODE, told("connecting"), CODE)).toMatchObject({ step: "code" });
});

test("ends have their cause", () => {
  expect(through(CODE, told("passkey_needed", { why: "a passkey" }))).toMatchObject({
    step: "ended",
    state: "passkey_needed",
    why: { why: "a passkey" },
  });
  const refused = told("unlinked", { order: { ...order, error_code: "session.closed", error: "closed" } });
  expect(through(refused)).toEqual({
    step: "ended",
    state: "unlinked",
    why: { why: "closed", why_code: "", why_facts: {} },
    code: "session.closed",
  });
  expect(through(told("stopped", { why: "nobody", order: { ...order, done_at: null } }))).toEqual({
    step: "waiting",
    why: { why: "nobody", why_code: "", why_facts: {} },
  });
});

test("a report names neither codes nor numbers", () => {
  const end = through(CODE, told("unlinked", { why: "ran out", account: "39333" }));
  const text = report("shop", [{ at: NOW, step: "code", state: "pairing" }], end);
  expect(text).toContain("ran out");
  expect(text).not.toContain("39333");
  const refused = new Problem({
    type: "",
    title: "Busy",
    status: 503,
    detail: "of 39333",
    code: "store.unreachable",
  });
  const told503 = report("shop", [], { step: "asking" }, refused);
  expect(told503).toContain("problem: 503 store.unreachable Busy");
  expect(told503).not.toContain("39333");
});
