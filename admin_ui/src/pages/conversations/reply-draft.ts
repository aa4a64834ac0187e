/**
 * What an agent has begun to write in a conversation: kept on the server, for him alone. What the server does not
 * have yet lies in this browser, so that neither a reload nor a server that is away loses a word.
 */
import { queryOptions } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, given, type Schemas } from "../../api/client";
import { shelf } from "../../shelf";
import type { Place } from "./queries";

export type Attached = Pick<Schemas["AttachmentOut"], "ref" | "kind" | "filename">;
export type Draft = { text: string; attachment: Attached | null };
/** `here`: only this browser has the latest. */
export type Kept = "saved" | "saving" | "here";

const AFTER_MS = 600; // from the last key to the server
const AGAIN_MS = 5_000;
const AT = "/api/v1/numbers/{number}/conversations/{conversation}/reply-draft";

const nameOf = (user: string, conversation: string) => `chatloom.reply.${user}.${conversation}`;

/** The draft to begin with: this browser's, where the server does not have it yet. */
export function draftQuery(place: Place, user: string) {
  return queryOptions({
    queryKey: ["reply-draft", place.conversation, user],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async ({ signal }): Promise<Draft & { unsaved: boolean }> => {
      const here = shelf.get(nameOf(user, place.conversation));
      if (here !== null) return { ...(JSON.parse(here) as Draft), unsaved: true };
      const there = await given(api.GET(AT, { params: { path: place }, signal }));
      return { text: there.text ?? "", attachment: there.attachment as Attached | null, unsaved: false };
    },
  });
}

/** Saves what is written, a moment after the last key. */
export class DraftKeeper {
  private due: Draft | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly place: Place,
    private readonly user: string,
    private readonly told: (kept: Kept) => void,
  ) {}

  write(draft: Draft): void {
    this.due = draft;
    shelf.put(nameOf(this.user, this.place.conversation), JSON.stringify(draft));
    this.told("saving");
    this.later(AFTER_MS);
  }

  /** Sends what is due, now. */
  flush(): void {
    clearTimeout(this.timer);
    this.running = this.running.then(() => this.save());
  }

  /** No saving is under way or due any more: a reply, which ends the draft, may go. */
  async quiet(): Promise<void> {
    clearTimeout(this.timer);
    this.due = undefined;
    await this.running;
    clearTimeout(this.timer);
    this.due = undefined; // what could not be saved in that moment
  }

  /** The reply is sent: there is no draft any more. */
  forget(): void {
    shelf.drop(nameOf(this.user, this.place.conversation));
    this.told("saved");
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), ms);
  }

  private async save(): Promise<void> {
    const draft = this.due;
    if (draft === undefined) return;
    this.due = undefined;
    try {
      await given(api.PUT(AT, { params: { path: this.place }, body: draft }));
    } catch {
      // It is still in this browser, and the page says so. It is tried again until it is taken.
      this.told("here");
      this.due ??= draft;
      this.later(AGAIN_MS);
      return;
    }
    if (this.due === undefined) this.forget();
  }
}

/** What is in the box, and how well it is kept. */
export function useDraft(place: Place, user: string, first: Draft & { unsaved: boolean }) {
  const [draft, setDraft] = useState<Draft>({ text: first.text, attachment: first.attachment });
  const [kept, setKept] = useState<Kept>("saved");
  const latest = useRef(draft); // an upload ends long after it began
  const keeper = useRef<DraftKeeper>(undefined);
  keeper.current ??= new DraftKeeper(place, user, setKept);
  const put = (next: Draft) => {
    latest.current = next;
    setDraft(next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as the box opens and closes
  useEffect(() => {
    if (first.unsaved) keeper.current?.write(latest.current);
    return () => keeper.current?.flush();
  }, []);
  return {
    draft,
    kept,
    /** Changes some of it, and saves. */
    change: (some: Partial<Draft>) => {
      put({ ...latest.current, ...some });
      keeper.current?.write(latest.current);
    },
    quiet: () => keeper.current?.quiet(),
    sent: () => {
      put({ text: "", attachment: null });
      keeper.current?.forget();
    },
  };
}
