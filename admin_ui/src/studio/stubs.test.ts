import { expect, test } from "vitest";
import { answerIn, isKept, keeping, linesOf, STUBS, stubFor } from "./stubs";

const FILE = `chatloom: stubs/v1
stubs:
  crm: [{fails: no answer}, {returns: {status: 200, json: {id: 1}}}] # by turns
  score: {after: 2s, outcome: high}
`;

test("a call has the stub of its step, then of the step's name, then of its action, one after the other", () => {
  const files = { [STUBS]: FILE };
  const crm = { step: "f.crm", action: "" };
  expect(stubFor(files, crm)).toEqual({ fails: "no answer" });
  expect(stubFor(files, crm, 5)).toEqual({ returns: { status: 200, json: { id: 1 } } });
  expect(stubFor({ [STUBS]: keeping(files, "f.crm", { fails: "gone" }) }, crm)).toEqual({ fails: "gone" });
  const score = { step: "f.rate", action: "score" };
  expect(linesOf(score, stubFor(files, score) ?? {})).toEqual([
    { after: "2s" },
    { action: { step: "f.rate", outcome: "high" } },
  ]);
  expect(stubFor(files, { step: "f.other", action: "" })).toBeUndefined();
  expect(stubFor({}, crm)).toBeUndefined();
});

test("an answer is kept as it came, without headers, and the rest of the file stays", () => {
  const returns = { status: 201, json: { id: "L-7" }, text: '{"id":"L-7"}', headers: { "x-token": "t" } };
  const answer = answerIn({ webhook: { step: "f.crm", returns } });
  expect(answer).toEqual({ step: "f.crm", stub: { returns: { status: 201, json: { id: "L-7" } } } });
  if (!answer) return;
  const text = keeping({ [STUBS]: FILE }, answer.step, answer.stub);
  expect(text.startsWith(FILE.trimEnd())).toBe(true);
  expect(isKept({ [STUBS]: text }, "f.crm", answer.stub)).toBe(true);
  expect(isKept({ [STUBS]: FILE }, "f.crm", answer.stub)).toBe(false);
  expect(isKept({ [STUBS]: keeping({}, "f.crm", answer.stub) }, "f.crm", answer.stub)).toBe(true);
  const plain = answerIn({ webhook: { step: "f.crm", returns: { status: 200, json: null, text: "ok" } } });
  expect(plain?.stub).toEqual({ returns: { status: 200, text: "ok" } });
  expect(answerIn({ user: "hi" })).toBeUndefined();
});
