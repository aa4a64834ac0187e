import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { lackingIn, lengthOf, limitOf, placeholdersOf, Texts } from "./texts";

const FLOW = `chatloom: flow/v1
id: intake
title: {en: Intake, it: Accoglienza}   # shown to colleagues
data:
  schema:
    type: object
    properties:
      size: {type: string, enum: [s, l], title: Size}
  ui_schema:
    size: {ui:enumNames: [Small, {en: Large, it: Grande}]}
steps:
  # greets
  - id: hi
    action: send
    with:
      text:
        en: Hi {{ contact.name }}!
        it: Ciao {{ contact.name }}!
  - {id: ask, action: menu, with: {text: Well?, choices: {yes: {en: "Yes"}, no: No}}}
  - id: tip
    action: send
    with:
      text: {en: [One, Two], it: [Uno, Due]}
`;
const APART = `# by Ana
chatloom: texts/v1
texts:
  flows/intake/steps/ask/with/text: {from: Well?, to: Allora?}
`;
const FILES = {
  "bot.yaml": "chatloom: bot/v1\nid: b\ntitle: Hello\nlanguages: [en, it, de]\n",
  "flows/intake.yaml": FLOW,
  "texts/it.yaml": APART,
};
const texts = new Texts(FILES, "en");
const TITLE = "flows/intake/title";
const HI = "flows/intake/steps/hi/with/text";
const ASK = "flows/intake/steps/ask/with/text";
const NO = "flows/intake/steps/ask/with/choices/no";
const TIP = "flows/intake/steps/tip/with/text";
const SMALL = "flows/intake/data/ui_schema/size/ui:enumNames/0";
const LARGE = "flows/intake/data/ui_schema/size/ui:enumNames/1";

/** The files, as they would be. */
const withAll = (changes: Parameters<Texts["with"]>[0]) => ({ ...FILES, ...texts.with(changes) });

describe("the texts of a bot", () => {
  test("stand beside their source, or apart", () => {
    expect(texts.in(HI, "it")).toEqual(["Ciao {{ contact.name }}!"]);
    expect(texts.in(ASK, "it")).toEqual(["Allora?"]);
    expect(texts.in(ASK, "en")).toEqual(["Well?"]);
    expect(texts.in(TIP, "it")).toEqual(["Uno", "Due"]);
    expect(texts.in(LARGE, "it")).toEqual(["Grande"]);
    expect(texts.in(NO, "de")).toEqual([]);
    expect(texts.in("flows/intake/steps/gone/with/text", "en")).toEqual([]);
  });

  test("are written where they lie", () => {
    expect(texts.with([{ key: TITLE, language: "it", texts: ["Benvenuto"] }])).toEqual({
      "flows/intake.yaml": FLOW.replace("Accoglienza", "Benvenuto"),
    });
    expect(texts.with([{ key: ASK, language: "it", texts: ["Dunque?"] }])).toEqual({
      "texts/it.yaml": APART.replace("Allora?", "Dunque?"),
    });
    expect(texts.with([{ key: ASK, language: "en", texts: ["So?"] }])).toEqual({
      "flows/intake.yaml": FLOW.replace("Well?", "So?"),
    });
  });

  test("are written apart where the language has a file, else beside", () => {
    expect(
      parse(texts.with([{ key: NO, language: "it", texts: ["No"] }])["texts/it.yaml"] ?? "").texts[NO],
    ).toEqual({ from: "No", to: "No" });
    expect(texts.with([{ key: NO, language: "de", texts: ["Nein"] }])).toEqual({
      "flows/intake.yaml": FLOW.replace("no: No", "no: {en: No, de: Nein}"),
    });
    expect(texts.with([{ key: SMALL, language: "de", texts: ["Klein"] }])).toEqual({
      "flows/intake.yaml": FLOW.replace("[Small,", "[{en: Small, de: Klein},"),
    });
  });

  test("many at once are many, each in its place", () => {
    const all = withAll([
      { key: HI, language: "de", texts: ["Hallo!"] },
      { key: HI, language: "it", texts: ["Salve!"] },
      { key: NO, language: "de", texts: ["Nein"] },
      { key: TIP, language: "de", texts: ["Eins", "Zwei"] },
      { key: TITLE, language: "de", texts: ["Empfang"] },
      { key: ASK, language: "it", texts: ["Dunque?"] },
    ]);
    const now = new Texts(all, "en");
    expect([HI, NO, TIP, TITLE].map((key) => now.in(key, "de"))).toEqual([
      ["Hallo!"],
      ["Nein"],
      ["Eins", "Zwei"],
      ["Empfang"],
    ]);
    expect([HI, ASK].map((key) => now.in(key, "it"))).toEqual([["Salve!"], ["Dunque?"]]);
    expect(all["flows/intake.yaml"]).toContain("   # shown to colleagues");
  });

  test("the same words confirm a translation whose source changed", () => {
    const changed = new Texts({ ...FILES, "flows/intake.yaml": FLOW.replace("Well?", "So?") }, "en");
    expect(changed.with([{ key: ASK, language: "it", texts: ["Allora?"] }])).toEqual({
      "texts/it.yaml": APART.replace("Well?", '"So?"').replace('"So?"', "So?"),
    });
    const beside = texts.with([{ key: HI, language: "it", texts: ["Ciao {{ contact.name }}!"] }]);
    expect(parse(beside["texts/it.yaml"] ?? "").texts[HI]).toEqual({
      from: "Hi {{ contact.name }}!",
      to: "Ciao {{ contact.name }}!",
    });
  });

  test("what was made from an older source says so", () => {
    const all = texts.with([{ key: NO, language: "de", texts: ["Nö"], from: ["Nope"] }]);
    expect(parse(all["texts/de.yaml"] ?? "")).toEqual({
      chatloom: "texts/v1",
      texts: { [NO]: { from: "Nope", to: "Nö" } },
    });
  });

  test("are taken away", () => {
    expect(texts.with([{ key: TITLE, language: "it", texts: [] }])).toEqual({
      "flows/intake.yaml": FLOW.replace(", it: Accoglienza", ""),
    });
    expect(texts.in(ASK, "it")).toEqual(["Allora?"]);
    expect(new Texts(withAll([{ key: ASK, language: "it", texts: [] }]), "en").in(ASK, "it")).toEqual([]);
  });

  test("whatever is written reads back, and nothing else changes", () => {
    const keys = [TITLE, HI, ASK, NO, TIP, SMALL, LARGE];
    const change = fc.record({
      key: fc.constantFrom(...keys),
      language: fc.constantFrom("en", "it", "de"),
      texts: fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1, maxLength: 3 }),
    });
    const unlike = fc.uniqueArray(change, { selector: (one) => `${one.key} ${one.language}`, maxLength: 6 });
    fc.assert(
      fc.property(unlike, (changes) => {
        const now = new Texts(withAll(changes), "en");
        const said = new Map(changes.map((one) => [`${one.key} ${one.language}`, one.texts]));
        for (const key of keys)
          for (const language of ["en", "it", "de"])
            expect(now.in(key, language)).toEqual(said.get(`${key} ${language}`) ?? texts.in(key, language));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a text", () => {
  test("inserts what its source inserts", () => {
    expect(placeholdersOf(["Hi {{ contact.name }}, {{ data.x }}"])).toEqual([
      "{{ contact.name }}",
      "{{ data.x }}",
    ]);
    expect(lackingIn(['{{ data.?a.orValue("data.b") }}'], ["{{ data.a }}"])).toEqual([]);
    expect(lackingIn(["{{ data.a }} {{ data.b }}"], ["{{ data.b }}"])).toEqual(["data.a"]);
  });

  test("is as long as the channel with the least room shows", () => {
    const channels = [
      { name: "cloud_api", capabilities: { text: 4096, button_title: 20, list_title: 24 } },
      { name: "simulator", capabilities: { text: 4096, button_title: 0, list_title: 0 } },
    ];
    expect(limitOf(NO, channels)).toEqual({ most: 24, channel: "cloud_api" });
    expect(limitOf(TITLE, channels)).toBeUndefined();
    expect(lengthOf("Hi {{ contact.name }}!")).toBe(4);
  });
});
