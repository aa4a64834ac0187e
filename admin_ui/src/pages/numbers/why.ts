/** Why a number or its session is as it is, in the person's language. */
import i18next from "i18next";
import type { Schemas } from "../../api/client";

export type Why = Pick<Schemas["StateOut"], "why" | "why_code" | "why_facts">;

/** The words of its code, if the catalogue has any: of a reason, or of the problem that it comes from. */
export function known(why: Omit<Why, "why">): string | undefined {
  if (why.why_code === "") return undefined;
  const problem = `problems:${why.why_code}`;
  const keys = [[`numbers:reason.${why.why_code}`], [`${problem}.title`, `${problem}.detail`]];
  const found = keys.find((each) => each.every((key) => i18next.exists(key)));
  // The catalogues are asked by codes that only the server knows.
  const said = i18next.t as (key: string, facts: Record<string, unknown>) => string;
  const facts = { ...why.why_facts };
  // What has a cause names it as a sentence and, beside it, what that is made of.
  if (typeof facts.cause_code === "string") {
    const cause = known({ why_code: facts.cause_code, why_facts: { ...facts, cause_code: "" } });
    if (cause !== undefined) facts.cause = /[.!?…]$/.test(cause) ? cause : `${cause}.`;
  }
  return found?.map((key) => said(key, facts)).join(". ");
}

/** Its words, else the server's sentence, which is English. */
export function wordsOf(why: Why): { text: string; lang: "en" | undefined } {
  const text = known(why);
  return text === undefined ? { text: why.why, lang: "en" } : { text, lang: undefined };
}
