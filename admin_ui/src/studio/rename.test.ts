import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { after, renamed, type Use } from "./rename";

/** What stands for the name in the texts below. */
const MARK = "§";
const FLOW = `# about mail
chatloom: flow/v1
id: main   # mail
data:
  schema:
    required: [§, 'size']
    properties:
      §:   {type: string, title: mail}   # the mail
      "size": {enum: [mail, s]}
  ui_schema: {"§": {ui:prompt: "mail? {{ data.§ }}\\t\\"mail\\""}}
steps:
  - id: mail
    action: send
    with:
      text: >
        Your mail is {{ data.§ }},
        or {{ data.?§.orValue("mail") }}
        and not mail.
  - {id: a, action: branch, with: {cases: {mail: 'data.§ == "it''s mail"'}}}
  - id: b
    action: webhook
    with:
      json: &body
        § : |
          {{ data.§ }}
      save: {§: result.text}
      again: *body
`;

/** The places of the mark in a text, as the server would tell them with a name in its stead. */
function usesOf(file: string, text: string, name: string): Use[] {
  const found: Use[] = [];
  const put = (value: string) => value.replaceAll(MARK, name);
  const spansOf = (value: string): [number, number][] => {
    const parts = value.split(MARK);
    let at = 0;
    return parts.slice(0, -1).map((part) => {
      at += part.length;
      const span: [number, number] = [at, at + name.length];
      at += name.length;
      return span;
    });
  };
  const walk = (value: unknown, pointer: string): void => {
    if (typeof value === "string" && value.includes(MARK))
      found.push({ file, pointer, key: false, text: put(value), spans: spansOf(value) });
    if (typeof value !== "object" || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      const below = `${pointer}/${put(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (key.includes(MARK))
        found.push({ file, pointer: below, key: true, text: put(key), spans: spansOf(key) });
      walk(each, below);
    }
  };
  walk(parse(text), "");
  return found;
}

const as = (text: string, name: string) => text.replaceAll(MARK, name);
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,11}$/);

describe("renaming", () => {
  test("changes the name at its places, and nothing else", () => {
    const uses = usesOf("flows/main.yaml", FLOW, "mail");
    expect(uses.length).toBeGreaterThan(8);
    expect(renamed({ "flows/main.yaml": as(FLOW, "mail") }, uses, "e_mail")).toEqual({
      "flows/main.yaml": as(FLOW, "e_mail"),
    });
  });

  test("of whatever name to whatever name, and back, gives the same bytes", () => {
    fc.assert(
      fc.property(name, name, fc.boolean(), (from, to, windows) => {
        fc.pre(
          !["size", "type", "true", "false", "null"].includes(from) &&
            !["size", "true", "false", "null"].includes(to),
        );
        const flow = windows ? FLOW.replaceAll("\n", "\r\n") : FLOW;
        const files = { "flows/main.yaml": as(flow, from), "texts/it.yaml": as("a/§: Posta\n", from) };
        const uses = (now: string) => [
          ...usesOf("flows/main.yaml", flow, now),
          ...usesOf("texts/it.yaml", "a/§: Posta\n", now),
        ];
        const there = renamed(files, uses(from), to);
        expect(there).toEqual({ "flows/main.yaml": as(flow, to), "texts/it.yaml": as("a/§: Posta\n", to) });
        expect(renamed(there as Record<string, string>, uses(to), from)).toEqual(files);
      }),
      { numRuns: 200 },
    );
  });

  test("a flow takes its file with it", () => {
    const files = { "flows/hello.yaml": "id: hello\n", "bot.yaml": "flows: [hello]\n" };
    const uses = [
      ...usesOf("flows/hello.yaml", "id: §\n", "hello"),
      ...usesOf("bot.yaml", "flows: [§]\n", "hello"),
    ];
    expect(renamed(files, uses, "welcome", { from: "hello" })).toEqual({
      "flows/hello.yaml": undefined,
      "flows/welcome.yaml": "id: welcome\n",
      "bot.yaml": "flows: [welcome]\n",
    });
    expect(() => renamed({ ...files, "flows/a.yaml": "" }, uses, "a", { from: "hello" })).toThrow(
      "flows/a.yaml",
    );
  });

  test("a name that would read as something else is quoted", () => {
    const uses = usesOf("a.yaml", "next: §\n", "x");
    expect(renamed({ "a.yaml": "next: x\n" }, uses, "null")).toEqual({ "a.yaml": 'next: "null"\n' });
  });

  test("where it is escaped it is written anew", () => {
    const use: Use = { file: "a.yaml", pointer: "/a", key: false, text: "data.ab", spans: [[5, 7]] };
    expect(renamed({ "a.yaml": 'a: "data.\\x61b"\n' }, [use], "cd")).toEqual({ "a.yaml": 'a: "data.cd"\n' });
  });

  test("is at its place behind characters of two units", () => {
    const text = "😀 ab {{ data.ab }}";
    const use: Use = { file: "a.yaml", pointer: "/a", key: false, text, spans: [[13, 15]] };
    expect(renamed({ "a.yaml": `a: "${text}"\n` }, [use], "cd")).toEqual({
      "a.yaml": 'a: "😀 ab {{ data.cd }}"\n',
    });
  });

  test("what changed meanwhile is not touched", () => {
    const uses = usesOf("a.yaml", "next: §\n", "x");
    expect(() => renamed({ "a.yaml": "next: y\n" }, uses, "z")).toThrow("has changed meanwhile");
    expect(() => renamed({}, uses, "z")).toThrow("not there any more");
  });

  test("shows what will stand there", () => {
    expect(
      after(
        {
          text: "data.a + data.a",
          spans: [
            [5, 6],
            [14, 15],
          ],
        },
        "bc",
      ),
    ).toBe("data.bc + data.bc");
  });
});
