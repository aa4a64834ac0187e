import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, given, type Schemas } from "../../api/client";
import type { Draft, Now } from "../../studio/draft";
import { stateNow, Texts } from "../../studio/texts";
import { KEYS } from "../../studio/tongue";

/** Of which steps of a flow a text is missing in a language, or was made from words that have changed since. */
export function useGaps(
  draft: Draft,
  now: Now,
  file: string | undefined,
  language: string | undefined,
): Map<string, "missing" | "stale"> {
  const asked = language !== undefined && language !== KEYS && file !== undefined;
  const read = useTexts(draft, now, asked);
  return useMemo(() => {
    const found = new Map<string, "missing" | "stale">();
    if (!asked || !read.data) return found;
    const texts = new Texts(now.files, read.data.source_language);
    for (const text of read.data.texts) {
      const step = /^flows\/[^/]+\/steps\/([^/]+)\//.exec(text.key)?.[1];
      if (text.file !== file || step === undefined || language === read.data.source_language) continue;
      const state = stateNow(texts, text, language, read.data.source_language);
      if (state === "missing" || (state === "stale" && !found.has(step))) found.set(step, state);
    }
    return found;
  }, [asked, read.data, now.files, file, language]);
}

/** Every text of the draft as it was saved last. */
export function useTexts(draft: Draft, now: Now, enabled = true) {
  return useQuery<Schemas["TextsOut"]>({
    queryKey: ["draft-texts", draft.bot, now.revision],
    enabled,
    placeholderData: (before) => before,
    queryFn: ({ signal }) =>
      given(api.GET("/api/v1/bots/{name}/draft/texts", { params: { path: { name: draft.bot } }, signal })),
  });
}
