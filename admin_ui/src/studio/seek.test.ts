import fc from "fast-check";
import { expect, test } from "vitest";
import { broken, replaced, seek } from "./seek";

const files = {
  "bot.yaml": "title: Tea\nflows: [tea]\n",
  "flows/tea.yaml": "steps:\r\n  # Tea, and teas\r\n  - {text: 'tea (a+b)'}\r\n",
};
const all = (words: string, more = {}) => seek(files, { words, exact: false, whole: false, ...more }).hits;

test("words are found in all files, with their line", () => {
  expect(all("tea").map(({ path, line, at }) => [path, line, at])).toEqual([
    ["bot.yaml", 1, 7],
    ["bot.yaml", 2, 8],
    ["flows/tea.yaml", 2, 4],
    ["flows/tea.yaml", 2, 13],
    ["flows/tea.yaml", 3, 12],
  ]);
  expect(all("Tea", { exact: true })).toHaveLength(2);
  expect(all("tea", { whole: true })).toHaveLength(4);
  expect(all("(a+b)", { whole: true })[0]?.text).toBe("  - {text: 'tea (a+b)'}");
  expect(all("")).toEqual([]);
});

test("what is not chosen stays, and a file that would break is named", () => {
  const [first] = all("tea");
  expect(replaced(files, first ? [first] : [], "Té: 2")).toEqual({
    "bot.yaml": "title: Té: 2\nflows: [tea]\n",
  });
  expect(broken(files, replaced(files, all("tea"), "$&"))).toEqual([]);
  expect(broken(files, replaced(files, all("tea"), "it's"))).toEqual(["flows/tea.yaml"]);
  expect(broken(files, replaced(files, all("title"), "a: b"))).toEqual(["bot.yaml"]);
});

test("what is replaced is there, and everything else is as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "\n", "é", "😀", " ")), fc.string(), (parts, put) => {
      const text = parts.join("");
      const { hits } = seek({ f: text }, { words: "a", exact: true, whole: false });
      expect(replaced({ f: text }, hits, put).f ?? text).toBe(text.split("a").join(put));
    }),
  );
});
