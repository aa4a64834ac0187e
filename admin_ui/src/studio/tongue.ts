/** Texts in one language, as cards and preview show them. */
import { parse } from "yaml";
import { languagesOf } from "./languages";

type Map_ = Record<string, unknown>;
type Files = Readonly<Record<string, string>>;

/** Instead of a language: a text's place, by which translations know it. */
export const KEYS = "keys";

export class Tongue {
  /** A text lacked the language since it was last set: another one was given. */
  missing = false;

  constructor(
    private readonly language: string,
    private readonly languages: readonly string[],
    private readonly apart: Map_,
  ) {}

  /** `key`: its place by the ids of steps, `flows/intake/steps/hi/with/text`. */
  text(value: unknown, key: string): string {
    if (this.language === KEYS) return value === undefined ? "" : key.replace(/^.*?\/steps\/[^/]+\//, "");
    const other = this.apart[key];
    if (other !== undefined) return wordsApart(other);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return firstOf(value);
    const by = map(value);
    const own = by[this.language];
    if (own !== undefined) return firstOf(own);
    this.missing = true;
    const next = this.languages.find((each) => by[each] !== undefined);
    return firstOf(next === undefined ? Object.values(by)[0] : by[next]);
  }
}

/** What the bot says in a language: beside a text, or apart in `texts/`. */
export function tongueOf(files: Files, language: string): Tongue {
  return new Tongue(language, languagesOf(files["bot.yaml"] ?? ""), apartIn(files, language));
}

/** What `texts/` has for a text's place in a language; "" is nothing. */
export function apartOf(files: Files, language: string, key: string): string {
  return wordsApart(apartIn(files, language)[key]);
}

const read = new Map<string, { text: string; texts: Map_ }>(); // the last one of each language

function apartIn(files: Files, language: string): Map_ {
  const file = ["yaml", "yml", "json"].map((end) => `texts/${language}.${end}`).find((path) => path in files);
  const text = files[file ?? ""] ?? "";
  const known = read.get(language);
  if (known?.text === text) return known.texts;
  let texts = {};
  try {
    texts = map(map(parse(text, { version: "1.2" })).texts);
  } catch {
    // the checker says why it cannot be read
  }
  read.set(language, { text, texts });
  return texts;
}

/** A choice with more than a title, told apart from a text by language. */
export function isEntry(value: unknown): boolean {
  return Object.keys(map(value)).some((key) => ["title", "description", "section"].includes(key));
}

const map = (value: unknown): Map_ =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Map_) : {};
const wordsApart = (value: unknown): string => firstOf(map(value).to ?? value);
/** The first of several variants. */
const firstOf = (value: unknown): string => {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === "string" ? one : typeof one === "number" ? String(one) : "";
};
