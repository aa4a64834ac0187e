/** Each catalogue has the same keys in both languages, the same places for facts, and the plurals of its language. */
import { describe, expect, test } from "vitest";

type Tree = { [key: string]: string | Tree };

const files = import.meta.glob<Tree>("./*/*.json", { eager: true, import: "default" });
const names = [...new Set(Object.keys(files).map((path) => path.split("/")[2] ?? ""))].sort();
const PLURALS = { en: ["one", "other"], it: ["one", "many", "other"] };
const PLURAL = /_(zero|one|two|few|many|other)$/;

function flat(tree: Tree, before = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree))
    if (typeof value === "string") found.set(before + key, value);
    else for (const [below, text] of flat(value, `${before}${key}.`)) found.set(below, text);
  return found;
}

function facts(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(\w+)/g), ...text.matchAll(/<(\/?\w+)\/?>/g)]
    .map((hit) => hit[1] ?? "")
    .sort();
}

describe.each(names)("%s", (name) => {
  const english = flat(files[`./en/${name}`] ?? {});
  const italian = flat(files[`./it/${name}`] ?? {});
  const bare = (catalogue: Map<string, string>) =>
    [...new Set([...catalogue.keys()].map((key) => key.replace(PLURAL, "")))].sort();

  test("has the same keys", () => {
    // English problems are the API's own sentences.
    const told = name === "problems.json" ? bare(italian).filter((key) => english.has(key)) : bare(italian);
    expect(told).toEqual(bare(english));
  });

  test("has all plurals", () => {
    for (const [language, catalogue] of [["en", english] as const, ["it", italian] as const])
      for (const key of catalogue.keys())
        if (PLURAL.test(key))
          for (const form of PLURALS[language])
            expect([...catalogue.keys()]).toContain(key.replace(PLURAL, `_${form}`));
  });

  test("has the same facts", () => {
    for (const [key, text] of english) {
      const other = italian.get(key);
      if (other !== undefined) expect([key, ...facts(other)]).toEqual([key, ...facts(text)]);
    }
  });

  test("has no empty text", () => {
    for (const [key, text] of [...english, ...italian]) expect(text.trim(), key).not.toBe("");
  });
});
