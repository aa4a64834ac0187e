/** Who else is at a place, and what they do there. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { authorized, type Schemas } from "./client";
import { type Change, type Topic, useLive } from "./live";
import { useMe } from "./session";

/** Somebody who is there. */
export type Here = Omit<Schemas["HereOut"], "at">;
type Place<T extends Topic> = {
  /** Of the place, as queries name it. */
  key: string;
  /** Says that this tab is there; gives who else is. */
  say: (tab: string, body: Schemas["PresenceIn"], signal: AbortSignal) => Promise<Schemas["PresenceOut"]>;
  /** The address of the same, to leave by. */
  path: (tab: string) => string;
  topic: T;
  /** Whether a change that is told is of this place. */
  here: (change: Change<T>) => boolean;
};

const SAY_MS = 5_000; // the API forgets who is silent for 15 s
const PAUSE_MS = 4_000; // who has not typed for so long does not type

/** Says that one is there, at what part, and whether one types; gives the others, each person once. */
export function usePresence<T extends Topic>(
  { key, say, path, topic, here }: Place<T>,
  typing: boolean,
  where = "",
): Here[] {
  const me = useMe();
  const client = useQueryClient();
  const [tab] = useState(() => crypto.randomUUID());
  const queryKey = ["presence", key, tab];
  const read = useQuery({
    queryKey,
    gcTime: 0,
    retry: false,
    refetchInterval: SAY_MS,
    queryFn: ({ signal }) => say(tab, { doing: typing ? "typing" : "viewing", where }, signal),
  });
  useLive(topic, (change) => {
    if (change.kind === "presence" && here(change)) void client.invalidateQueries({ queryKey });
  });
  const now = `${typing} ${where}`;
  const told = useRef(now);
  const { refetch } = read;
  useEffect(() => {
    if (told.current === now) return;
    told.current = now;
    void refetch();
  }, [now, refetch]);
  const address = path(tab);
  useEffect(() => {
    const leave = () => {
      // Who cannot say that he leaves is forgotten after 15 s.
      authorized(address, { method: "DELETE", keepalive: true }).catch(() => undefined);
    };
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [address]);
  const others = new Map<string, Here>();
  for (const { at: _, ...each } of read.data?.here ?? [])
    if (each.user !== me.id && (each.doing === "typing" || !others.has(each.user ?? each.name)))
      others.set(each.user ?? each.name, each);
  // The same list as long as it says the same.
  const said = JSON.stringify([...others.values()]);
  return useMemo(() => JSON.parse(said) as Here[], [said]);
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
