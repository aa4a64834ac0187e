import { useCallback, useEffect, useRef, useState } from "react";
import { api, given, type Schemas } from "../../../api/client";
import { told } from "../../../api/stream";
import { after, type Pairing, type Told } from "./pairing";

const AGAIN_MS = 1_000;

type Seen = { at: number; step: string; state: string };

/** Links a phone: orders it, and follows what the session says. `begin` with a phone's number asks for a code to type. */
export function usePairing(number: string) {
  const [pairing, setPairing] = useState<Pairing>({ step: "asking" });
  const [seen, setSeen] = useState<Seen[]>([]);
  const [error, setError] = useState<unknown>();
  const stop = useRef<AbortController>(undefined);

  const begin = useCallback(
    async (phone = "") => {
      stop.current?.abort();
      const control = new AbortController();
      stop.current = control;
      setPairing({ step: "asking" });
      setSeen([]);
      setError(undefined);
      try {
        const path = { number };
        const order = await given(
          api.POST("/api/v1/numbers/{number}/session/pair", {
            params: { path },
            body: { phone },
            signal: control.signal,
          }),
        );
        let now: Pairing = { step: "asking" };
        for await (const session of states(number, control.signal)) {
          if (control.signal.aborted) return;
          now = after(now, session, order.id, Date.now());
          const { step } = now;
          setPairing(now);
          setSeen((all) => [...all, { at: Date.now(), step, state: session.state }].slice(-30));
          if (step === "online" || step === "ended") return;
        }
      } catch (problem) {
        if (!control.signal.aborted) setError(problem);
      }
    },
    [number],
  );

  useEffect(() => {
    void begin();
    return () => stop.current?.abort();
  }, [begin]);

  return { pairing, seen, error, begin };
}

/** What the session says, for as long as it is listened to: a stream that ends is opened again. */
async function* states(number: string, stop: AbortSignal): AsyncGenerator<Told> {
  let last = "";
  while (!stop.aborted) {
    const path = `/api/v1/numbers/${encodeURIComponent(number)}/session/events?follow=true`;
    const headers: HeadersInit = last === "" ? {} : { "Last-Event-ID": last };
    try {
      for await (const { data, id } of told<Schemas["SessionEvents"]>(path, { signal: stop, headers })) {
        last = id ?? last;
        yield data;
      }
    } catch (broken) {
      if (stop.aborted) return;
      if (!(broken instanceof TypeError)) throw broken;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
