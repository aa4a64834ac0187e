/**
 * What changes, as it changes: one stream (admin_api/routes/live.py). A query whose key begins with the name of a
 * topic is read anew when that topic speaks; `useLive` is for pages that want to know what it said. While nobody sees the
 * page it is closed, since a browser opens six connections to a server at most, for all its tabs: what was missed is told
 * when the page is looked at again.
 */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import { authorized, type Schemas } from "./client";
import { settled } from "./session";
import { read, type Told } from "./stream";

type Said = Told<Schemas["LiveEvents"]>;
export type Topic = Exclude<Said["event"], "ready" | "reset" | "ended">;
/** What a topic says: ids, and how it changed. */
export type Change<T extends Topic = Topic> = Extract<Said, { event: T }>["data"];
/** `away`: the server does not answer. */
export type Health = "connecting" | "live" | "away";

const TOGETHER_MS = 150; // changes within it are one reading
const APART_MS = 1_000; // and readings are at least so far apart: a busy number speaks a hundred times a second
const SILENT_MS = 40_000; // the server says something each 15 s
const PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000];

let health: Health = "connecting";
const watchers = new Set<() => void>();
const listeners = new Set<(said: Said) => void>();

function feel(next: Health): void {
  if (next === health) return;
  health = next;
  for (const watcher of watchers) watcher();
}

export function useHealth(): Health {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => health,
  );
}

/** Calls `heard` for each change of a topic while the component is there. */
export function useLive<T extends Topic>(topic: T, heard: (change: Change<T>) => void): void {
  const told = useEffectEvent(heard);
  useEffect(() => {
    const listener = (said: Said) => {
      if (said.event === topic) told(said.data as Change<T>);
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [topic]);
}

/** Keeps the stream open while the frame is there. */
export function useLiveStream(signedIn: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!signedIn) return;
    const stop = new AbortController();
    void follow(queries, stop.signal);
    return () => stop.abort();
  }, [queries, signedIn]);
}

async function follow(queries: QueryClient, stop: AbortSignal): Promise<void> {
  let seen = "";
  let failed = 0;
  const due = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let readAt = 0;
  stop.addEventListener("abort", () => clearTimeout(timer));
  const refresh = (topic: string) => {
    due.add(topic);
    timer ??= setTimeout(
      () => {
        timer = undefined;
        readAt = Date.now();
        for (const each of due) void queries.invalidateQueries(each === "" ? {} : { queryKey: [each] });
        due.clear();
      },
      Math.max(TOGETHER_MS, readAt + APART_MS - Date.now()),
    );
  };

  while (!stop.aborted) {
    await seenAgain(stop);
    try {
      stream: for await (const message of messages(seen, stop)) {
        failed = 0;
        feel("live");
        if (message.id !== undefined) seen = message.id;
        switch (message.event) {
          case "ended":
            if ((await settled()).state !== "in") return;
            break stream;
          case "ready":
            break;
          case "reset":
            refresh("");
            break;
          default:
            // Who comes and types changes nothing of what was said: who shows it listens itself.
            if (message.data.kind !== "presence") refresh(message.event);
            for (const listener of listeners) listener(message);
        }
      }
    } catch {
      // Whatever broke the stream: it is opened anew, and what was missed is told then.
    }
    if (stop.aborted) return;
    if (document.hidden) continue;
    feel(failed > 0 ? "away" : "connecting");
    await pause(PAUSES_MS[Math.min(failed, PAUSES_MS.length - 1)] ?? 0, stop);
    failed += 1;
  }
}

async function* messages(seen: string, stop: AbortSignal) {
  const silent = new AbortController();
  let watch = setTimeout(() => silent.abort(), SILENT_MS);
  const unseen = () => document.hidden && silent.abort();
  document.addEventListener("visibilitychange", unseen);
  try {
    const answer = await authorized("/api/v1/live", {
      headers: seen === "" ? {} : { "Last-Event-ID": seen },
      signal: AbortSignal.any([stop, silent.signal]),
    });
    if (!answer.ok || answer.body === null) throw new Error(`live: ${answer.status}`);
    const heard = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, out) {
        clearTimeout(watch);
        watch = setTimeout(() => silent.abort(), SILENT_MS);
        out.enqueue(chunk);
      },
    });
    yield* read<Schemas["LiveEvents"]>(answer.body.pipeThrough(heard));
  } finally {
    clearTimeout(watch);
    document.removeEventListener("visibilitychange", unseen);
    silent.abort();
  }
}

/** Until somebody sees the page, or it stops. */
function seenAgain(stop: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      if (document.hidden && !stop.aborted) return;
      document.removeEventListener("visibilitychange", done);
      stop.removeEventListener("abort", done);
      resolve();
    };
    document.addEventListener("visibilitychange", done);
    stop.addEventListener("abort", done);
  });
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    stop.addEventListener("abort", done);
  });
}
