/** What a number's state means: how bad it is, and in which words. */
import { useTranslation } from "react-i18next";
import { Badge, Dot, type Tone } from "../../ui/badge";
import type { Num } from "./queries";
import { known as knownWhy } from "./why";

const TONES = {
  online: "good",
  connecting: "info",
  pairing: "info",
  offline: "warning",
  stuck: "warning",
  timelocked: "warning",
  unlinked: "warning",
  logged_out: "bad",
  banned: "bad",
  conflict: "bad",
  passkey_needed: "bad",
  failed: "bad",
  paused: "neutral",
  stopped: "neutral",
} satisfies Record<string, Tone>;

export type State = keyof typeof TONES;

/** A state that a newer server may bring is shown as being looked into. */
export function known(state: string): State {
  return state in TONES ? (state as State) : "connecting";
}

/** What people want comes first: a number that is paused by them is paused. */
export function stateOf(number: Pick<Num, "desired" | "state">): State {
  return number.desired === "paused" ? "paused" : known(number.state);
}

export function toneOf(state: State): Tone {
  return TONES[state];
}

export function StateBadge({ state }: { state: State }) {
  const { t } = useTranslation("numbers");
  return (
    <Badge tone={TONES[state]}>
      <span className="inline-flex items-center gap-1.5">
        <Dot tone={TONES[state]} className="size-1.5" />
        {t(`state.${state}.name`)}
      </span>
    </Badge>
  );
}

/** Why, in words of what the server says; they may name what only it knows. */
export function useWhy(): (
  number: Pick<Num, "desired" | "state" | "state_why" | "why_code" | "why_facts">,
) => string {
  const { t, i18n } = useTranslation("numbers");
  return (number) => {
    const state = stateOf(number);
    const said = t(`state.${state}.detail`);
    if (number.state_why === "" || state === "paused") return said;
    const words = knownWhy(number);
    if (words !== undefined) return words;
    return i18n.language === "en" || state === "failed" ? number.state_why : said;
  };
}
