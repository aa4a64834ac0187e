import { EventSourceParserStream } from "eventsource-parser/stream";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, authorized, given } from "../../../api/client";
import { problemOf } from "../../../api/problems";
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
        for await (const told of events(number, control.signal)) {
          if (control.signal.aborted) return;
          now = after(now, told, order.id, Date.now());
          const { step } = now;
          setPairing(now);
          setSeen((all) => [...all, { at: Date.now(), step, state: told.state }].slice(-30));
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
async function* events(number: string, stop: AbortSignal): AsyncGenerator<Told> {
  let last = "";
  while (!stop.aborted) {
    const answer = await authorized(
      `/api/v1/numbers/${encodeURIComponent(number)}/session/events?follow=true`,
      {
        signal: stop,
        headers: last === "" ? {} : { "Last-Event-ID": last },
      },
    );
    if (!answer.ok) throw await problemOf(answer);
    if (answer.body === null) return;
    const reader = answer.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
      .getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (value.id !== undefined) last = value.id;
        if (value.event === "state") yield JSON.parse(value.data);
      }
    } catch (broken) {
      if (stop.aborted) return;
      if (!(broken instanceof TypeError)) throw broken;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
