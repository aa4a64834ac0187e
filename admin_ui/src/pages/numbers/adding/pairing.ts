/** How linking a phone goes, from what the session says. Pure: the page brings the events and the clock. */
import type { Schemas } from "../../../api/client";
import { Problem } from "../../../api/problems";
import type { Why } from "../why";

export type Told = Schemas["SessionToldOut"];

export type Pairing =
  | { step: "asking" }
  /**
   * No code yet. `why`: where no process takes the order. `first`: what the session said first after it was taken; an
   * end that was there before is none.
   */
  | { step: "waiting"; why: Why; first?: string }
  /** A code is shown until `until`; `length` is how long it counts, in ms. */
  | { step: "code"; svg: string; code: string; until: number; length: number }
  /** The phone has read it (or typed it); `at`: since when it links. */
  | { step: "linking"; at: number }
  | { step: "online"; account: string; why: Why }
  | { step: "ended"; state: string; why: Why; code: string };

const NONE: Why = { why: "", why_code: "", why_facts: {} };

const LINKED = ["online", "timelocked"];
const ENDED = ["unlinked", "logged_out", "conflict", "banned", "passkey_needed", "paused", "failed"];

/** What comes after `before` when the session says `told`. `order`: the id of our order to link. */
export function after(before: Pairing, told: Told, order: string, now: number): Pairing {
  if (before.step === "online" || before.step === "ended") return before;
  const mine = told.order?.id === order ? told.order : undefined;
  if (mine?.error_code)
    return { step: "ended", state: told.state, why: { ...NONE, why: mine.error }, code: mine.error_code };
  if (LINKED.includes(told.state)) return { step: "online", account: told.account, why: whyOf(told) };
  if (mine && mine.done_at === null)
    return { step: "waiting", why: told.state === "stopped" ? whyOf(told) : NONE };
  const begun = before.step === "code" || before.step === "linking";
  if (told.state === "pairing" && (told.svg !== "" || told.code !== "")) {
    const until = told.until === null ? now : Date.parse(told.until);
    const same = before.step === "code" && before.until === until;
    const length = same ? before.length : Math.max(1, until - now);
    return { step: "code", svg: told.svg, code: told.code, until, length };
  }
  if (begun && (told.state === "connecting" || told.state === "pairing" || told.state === "offline"))
    return before.step === "linking" ? before : { step: "linking", at: now };
  if (begun && !ENDED.includes(told.state)) return before;
  const first = before.step === "waiting" ? (before.first ?? said(told)) : said(told);
  if (ENDED.includes(told.state) && (begun || first !== said(told)))
    return { step: "ended", state: told.state, why: whyOf(told), code: "" };
  return { step: "waiting", why: NONE, first };
}

function whyOf({ why, why_code, why_facts }: Told): Why {
  return { why, why_code, why_facts };
}

function said(told: Told): string {
  return `${told.state} ${told.why}`;
}

/** What a person may copy for whoever helps him: no code, no number. */
export function report(
  number: string,
  seen: { at: number; step: string; state: string }[],
  end: Pairing,
  error?: unknown,
): string {
  const lines = seen.map((each) => `${new Date(each.at).toISOString()}  ${each.step}  ${each.state}`);
  const why = end.step === "ended" ? [`ended: ${end.state} ${end.code}`.trim(), end.why.why] : [];
  const fault =
    error instanceof Problem ? [`problem: ${error.status} ${error.code} ${error.document.title}`.trim()] : [];
  const own = error !== undefined && fault.length === 0 ? [`problem: ${String(error)}`] : [];
  return [`Chatloom: linking ${number}`, ...lines, ...why, ...fault, ...own].join("\n");
}
