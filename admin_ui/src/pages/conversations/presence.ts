/** Who else has a conversation open, or writes in it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, authorized, given, type Schemas } from "../../api/client";
import { useLive } from "../../api/live";
import { useMe } from "../../api/session";
import type { Place } from "./queries";

export type Here = Schemas["HereOut"];

const SAY_MS = 5_000; // the API forgets who is silent for 15 s
const PAUSE_MS = 4_000; // who has not typed for so long does not type
const AT = "/api/v1/numbers/{number}/conversations/{conversation}/presence/{tab}";

/** Says that one is here, and whether one types; gives the others, each person once. */
export function usePresence(place: Place, typing: boolean): Here[] {
  const { number, conversation } = place;
  const me = useMe();
  const client = useQueryClient();
  const [tab] = useState(() => crypto.randomUUID());
  const queryKey = ["presence", conversation, tab];
  const here = useQuery({
    queryKey,
    gcTime: 0,
    retry: false,
    refetchInterval: SAY_MS,
    queryFn: ({ signal }) =>
      given(
        api.PUT(AT, {
          params: { path: { number, conversation, tab } },
          body: { doing: typing ? "typing" : "viewing", where: "" },
          signal,
        }),
      ),
  });
  useLive("conversations", (change) => {
    if (change.kind === "presence" && change.conversation === conversation)
      void client.invalidateQueries({ queryKey });
  });
  const said = useRef(typing);
  const { refetch } = here;
  useEffect(() => {
    if (said.current === typing) return;
    said.current = typing;
    void refetch();
  }, [typing, refetch]);
  useEffect(() => {
    const leave = () => {
      const path = `/api/v1/numbers/${number}/conversations/${conversation}/presence/${tab}`;
      // Who cannot say that he leaves is forgotten after 15 s.
      authorized(path, { method: "DELETE", keepalive: true }).catch(() => undefined);
    };
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [number, conversation, tab]);
  const others = new Map<string, Here>();
  for (const each of here.data?.here ?? [])
    if (each.user !== me.id && (each.doing === "typing" || !others.has(each.name)))
      others.set(each.name, each);
  return [...others.values()];
}

/** Whether one types: from a key until a few seconds after the last one. */
export function useTyping(): [typing: boolean, key: () => void, end: () => void] {
  const [typing, setTyping] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const end = () => {
    clearTimeout(timer.current);
    setTyping(false);
  };
  const key = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(end, PAUSE_MS);
    setTyping(true);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return [typing, key, end];
}
