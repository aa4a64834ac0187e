import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { testOf } from "./test-file";

const happened = (...words: string[]) =>
  ({
    said: words.map((text) => ({ by: "bot", step: "f.s", text, choices: [], body: { kind: "text", text } })),
    kept: [],
    path: [],
    trace: [],
  }) as Schemas["HappenedOut"];

test("a talk that began at a step is a test that begins there, with what the bot said first", () => {
  const begin = { flow: "order", step: "thanks", data: { count: 2 } };
  const played = [
    { line: { begin }, happened: happened("Thanks!\nBye") },
    { line: { user: "hi" }, happened: happened("Again?") },
  ];
  expect(
    testOf(played, "tests/two-pens.yaml", { name: "Ana" }, "cloud_api", undefined, null),
  ).toBe(`test: two pens
contact:
  name: Ana
channel: cloud_api
begin:
  flow: order
  step: thanks
  data:
    count: 2
talk:
  - bot:
      contains: Thanks!
  - user: hi
  - bot:
      contains: Again?
`);
  const bare = [{ line: { begin: { flow: "order", step: "", data: {} } }, happened: happened() }];
  expect(testOf(bare, "tests/x.yaml", {}, "simulator", undefined, null)).toContain(
    "begin:\n  flow: order\ntalk: []\n",
  );
});
