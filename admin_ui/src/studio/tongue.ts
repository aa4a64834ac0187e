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
    if (other !== undefined) return firstOf(map(other).to ?? other);
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
  const file = ["yaml", "yml", "json"].map((end) => `texts/${language}.${end}`).find((path) => path in files);
  return new Tongue(language, languagesOf(files["bot.yaml"] ?? ""), apartIn(files[file ?? ""]));
}

function apartIn(text: string | undefined): Map_ {
  try {
    return map(map(parse(text ?? "", { version: "1.2" })).texts);
  } catch {
    return {}; // the checker says why it cannot be read
  }
}

/** A choice with more than a title, told apart from a text by language. */
export function isEntry(value: unknown): boolean {
  return Object.keys(map(value)).some((key) => ["title", "description", "section"].includes(key));
}

const map = (value: unknown): Map_ =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Map_) : {};
/** The first of several variants. */
const firstOf = (value: unknown): string => {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === "string" ? one : typeof one === "number" ? String(one) : "";
};
