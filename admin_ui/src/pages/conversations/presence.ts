/** Who else has a conversation open, or writes in it. */
import { api, given } from "../../api/client";
import { type Here, usePresence as useHere } from "../../api/presence";
import type { Place } from "./queries";

const AT = "/api/v1/numbers/{number}/conversations/{conversation}/presence/{tab}";

/** Says that one is here, and whether one types; gives the others, each person once. */
export function usePresence({ number, conversation }: Place, typing: boolean): Here[] {
  return useHere(
    {
      key: conversation,
      say: (tab, body, signal) =>
        given(api.PUT(AT, { params: { path: { number, conversation, tab } }, body, signal })),
      path: (tab) => `/api/v1/numbers/${number}/conversations/${conversation}/presence/${tab}`,
      topic: "conversations",
      here: (change) => change.conversation === conversation,
    },
    typing,
  );
}
