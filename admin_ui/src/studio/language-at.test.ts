import { expect, test } from "vitest";
import { languageAt } from "./language-at";

const FLOW = `id: hello
title: {en: Hello, it: Saluti}
steps:
  - id: ask
    action: menu
    with:
      text: {en: Tea or coffee?, it: Tè o caffè?}
      choices:
        tea:
          en: Tea
        coffee: {it: [Caffè, Un caffè], en: Coffee}
  - id: bye
    action: send
    with: {text: {en: Bye}}
    next: stop
`;

test.each([
  ["Saluti", "it"],
  ["or coffee", "en"],
  ["Un caffè", "it"],
  ["Coffee}", "en"],
  ["{en: Bye", "it"], // what lacks a language is in that
  ["en: Tea\n", "it"],
  ["menu", undefined],
  ["stop", undefined],
])("the language of what stands at %s is %s", (words, language) => {
  const above = FLOW.slice(0, FLOW.indexOf(words)).split("\n");
  expect(languageAt(["en", "it"], FLOW, above.length, (above.at(-1)?.length ?? 0) + 1)).toBe(language);
});
