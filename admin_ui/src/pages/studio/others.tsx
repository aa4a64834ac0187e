import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { type Here, usePresence, useTyping } from "../../api/presence";
import type { Draft, Now } from "../../studio/draft";
import { cn } from "../../ui/cn";
import type { Shown } from "./routes";

const AT = "/api/v1/bots/{name}/draft/presence/{tab}";
const STEP = "#"; // between a file and a step in what a tab says of where it is
const MOST_WHERE = 200; // characters that the API takes

/** Somebody else at a step. */
export type Beside = { tab: string; name: string; edits: boolean };

/** Says where in the draft one is, and whether one edits; gives who else is there, each person once. */
export function useOthers(
  draft: Draft,
  now: Now,
  file: string | undefined,
  step: string | undefined,
): Here[] {
  const [edits, key] = useTyping();
  const edited = useEffectEvent(key);
  const saves = now.saving.state === "saving";
  useEffect(() => {
    if (saves) edited();
  }, [saves]);
  const where = step === undefined ? (file ?? "") : `${file ?? ""}${STEP}${step}`;
  return usePresence(
    {
      key: `draft ${draft.bot}`,
      say: (tab, body, signal) =>
        given(api.PUT(AT, { params: { path: { name: draft.bot, tab } }, body, signal })),
      path: (tab) => `/api/v1/bots/${encodeURIComponent(draft.bot)}/draft/presence/${tab}`,
      topic: "drafts",
      here: (change) => change.bot === draft.bot,
    },
    edits,
    where.slice(0, MOST_WHERE),
  );
}

/** By step of a file, who else is there. */
export function besideOf(others: readonly Here[], file: string | undefined): ReadonlyMap<string, Beside[]> {
  const found = new Map<string, Beside[]>();
  for (const { tab, name, doing, where } of others) {
    const [at, step] = where.split(STEP);
    if (at !== file || step === undefined) continue;
    found.set(step, [...(found.get(step) ?? []), { tab, name, edits: doing === "typing" }]);
  }
  return found;
}

/** Who else has the draft open; a click leads to where they are. */
export function Others({ others, onShow }: { others: readonly Here[]; onShow: (more: Shown) => void }) {
  const { t } = useTranslation("studio");
  if (others.length === 0) return null;
  return (
    <ul aria-label={t("others.label")} className="flex items-center gap-1">
      {others.map(({ tab, name, doing, where }) => {
        const [file, step] = where.split(STEP);
        const at = step ?? file ?? "";
        const said = t(at === "" ? "others.here" : doing === "typing" ? "others.edits" : "others.at", {
          name,
          where: at,
        });
        return (
          <li key={tab}>
            <button
              type="button"
              aria-label={said}
              title={said}
              className="rounded-full"
              onClick={() =>
                file !== undefined &&
                file !== "" &&
                onShow({ file, ...(step === undefined ? {} : { step, pane: "step" as const }) })
              }
            >
              <Initials name={name} edits={doing === "typing"} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

export function Initials({ name, edits }: { name: string; edits: boolean }) {
  const letters = name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join("");
  return (
    <span
      aria-hidden
      className={cn(
        "flex size-6 items-center justify-center rounded-full bg-info/15 font-medium text-[10px] text-info uppercase",
        edits && "ring-2 ring-warning",
      )}
    >
      {letters}
    </span>
  );
}
