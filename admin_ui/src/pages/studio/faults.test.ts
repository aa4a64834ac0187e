import { expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { readFlow } from "../../studio/flow-text";
import { deepest } from "../../studio/form-schema";
import { groupsOf, placedIn, placedInFlow } from "./faults";

const said = (pointer: string): Schemas["DiagnosticOut"] => ({
  severity: "error",
  code: "F000",
  message: pointer,
  file: "flows/hello.yaml",
  line: 1,
  column: 1,
  pointer,
  hint: "",
});

test("what the checker says is grouped by file, errors first", () => {
  const one = (file: string, line: number, severity: "error" | "warning") => ({
    ...said(""),
    file,
    line,
    severity,
  });
  const groups = groupsOf([
    one("flows/a.yaml", 2, "warning"),
    one("texts/it.yaml", 1, "error"),
    one("flows/b.yaml", 7, "warning"),
    one("flows/b.yaml", 9, "error"),
    one("flows/b.yaml", 3, "error"),
    one("bot.yaml", 1, "warning"),
  ]);
  expect(groups.map(({ file, errors }) => [file, errors])).toEqual([
    ["flows/b.yaml", 2],
    ["texts/it.yaml", 1],
    ["bot.yaml", 0],
    ["flows/a.yaml", 0],
  ]);
  expect(groups[0]?.found.map(({ line }) => line)).toEqual([3, 9, 7]);
  expect(groupsOf([])).toEqual([]);
});

test("what the checker says of a step stands where its form can say it", () => {
  const found = ["/with/text/en", "/then/a~1b", "/then/gone", "/next", "/timeout", "/id", "/action", ""];
  const placed = placedIn(
    [...found.map((rest) => said(`/steps/2${rest}`)), said("/triggers/0")],
    ["a/b", "other"],
  );
  const messages = (some: Schemas["DiagnosticOut"][]) => some.map(({ message }) => message);
  expect(placed.with.map(({ at }) => at)).toEqual([["text", "en"]]);
  expect(messages(placed.then.get("a/b") ?? [])).toEqual(["/steps/2/then/a~1b"]);
  expect(messages(placed.next)).toEqual(["/steps/2/next"]);
  expect(messages(placed.timeout)).toEqual(["/steps/2/timeout"]);
  expect(messages(placed.id)).toEqual(["/steps/2/id"]);
  expect(messages(placed.rest)).toEqual(["/steps/2/then/gone", "/steps/2/action", "/steps/2", "/triggers/0"]);
});

test("what the checker says of a flow itself stands where its form can say it", () => {
  const flow = readFlow(
    "id: hello\ntriggers: [{event: {name: sold}}]\nsteps:\n  - {id: end, action: stop}\ndefaults: {failed: gone}\n",
  );
  const late = (pointer: string) => ({ ...said(pointer), line: 5 });
  const placed = placedInFlow(
    flow,
    [
      said("/title/en"),
      said("/triggers/0/event/name"),
      said("/triggers/7"),
      late("/defaults/failed"),
      late("/defaults/other"),
      late("/steps/0/with"),
      late(""),
      said(""),
    ],
    ["failed"],
  );
  expect(placed.title.map(({ at }) => at)).toEqual([["title", "en"]]);
  expect(placed.starts.get(0)?.map(({ at }) => at)).toEqual([["event", "name"]]);
  expect(placed.defaults.get("failed")).toHaveLength(1);
  expect(placed.rest.map(({ pointer }) => pointer)).toEqual(["/triggers/7", "/defaults/other", ""]);
});

test("a path in a value leads to the field that is drawn of it", () => {
  const schema = {
    properties: {
      text: {},
      file: { type: "object" as const, properties: { link: { type: "string" as const } } },
    },
  };
  expect(deepest(schema, ["text", "en"])).toEqual(["text"]);
  expect(deepest(schema, ["file", "link"])).toEqual(["file", "link"]);
  expect(deepest(schema, ["file", "unknown"])).toEqual(["file"]);
  expect(deepest(schema, ["unknown"])).toEqual([]);
});
