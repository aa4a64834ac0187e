/**
 * A bot's draft as it is edited here: the files, one undo for all of them, and their way to the server.
 *
 * What is typed is kept in the browser at once and saved within a second, file by file, each with the ETag that it
 * rests on. Somebody else's revision is merged by blocks; one block changed on both sides waits for an answer while
 * typing goes on. Each tab is an author of its own; what a closed tab could not save, the next one takes over.
 */
import { api, given, type Schemas } from "../api/client";
import { Problem } from "../api/problems";
import { merge, type Twice } from "./merge";

export type Files = Readonly<Record<string, string>>;
export type Clash = { path: string; twice: Twice[]; mine: string; theirs: string };
export type Saving =
  | { state: "saved" }
  | { state: "saving" }
  | { state: "offline" }
  | { state: "failed"; error: unknown }
  | { state: "clash"; clash: Clash };
export type Now = {
  files: Files;
  saving: Saving;
  /** Counts what the server has: a check of it is a check of that count. */
  revision: number;
  undo: boolean;
  redo: boolean;
};

type Change = { path: string; before: string | undefined; after: string | undefined };
type Act = { changes: Change[]; typing: boolean; at: number };
type Known = { text: string; etag: string };

const SOON_MS = 600;
const AGAIN_MS = 4_000;
const ONE_GO_MS = 900; // typing without a longer pause is one undo
const MOST_ACTS = 500;

export type Draft = ReturnType<typeof openDraft>;

/** `read`: the draft as the server has it. `editable`: whether who looks may save. */
export function openDraft(bot: string, read: Schemas["DraftOut"], editable: boolean) {
  const tab = crypto.randomUUID();
  const shelf = `chatloom.draft.${bot}.`;
  let files: Files = read.files;
  let known: Record<string, Known> = knownOf(read);
  let saving: Saving = { state: "saved" };
  let revision = 1;
  let done: Act[] = [];
  let undone: Act[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  let closed = false;
  let now: Now = { files, saving, revision, undo: false, redo: false };
  const listeners = new Set<() => void>();

  function tell(): void {
    now = { files, saving, revision, undo: done.length > 0, redo: undone.length > 0 };
    for (const listener of listeners) listener();
  }

  function dirty(): string[] {
    const paths = new Set([...Object.keys(files), ...Object.keys(known)]);
    return [...paths].filter((path) => files[path] !== known[path]?.text);
  }

  function keep(): void {
    const unsaved = Object.fromEntries(
      dirty().map((path) => [path, { text: files[path] ?? null, base: known[path] ?? null }]),
    );
    if (Object.keys(unsaved).length === 0) localStorage.removeItem(shelf + tab);
    else localStorage.setItem(shelf + tab, JSON.stringify(unsaved));
  }

  function apply(changes: Change[], back = false): void {
    const next: Record<string, string> = { ...files };
    for (const change of back ? [...changes].reverse() : changes) {
      const text = back ? change.before : change.after;
      if (text === undefined) delete next[change.path];
      else next[change.path] = text;
    }
    files = next;
    if (saving.state === "saved" && dirty().length > 0) saving = { state: "saving" };
    keep();
    tell();
    soon(SOON_MS);
  }

  function soon(ms: number): void {
    if (!editable || closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void save(), ms);
  }

  async function save(): Promise<void> {
    if (busy || saving.state === "clash" || closed) return;
    busy = true;
    try {
      for (const path of dirty()) {
        saving = { state: "saving" };
        tell();
        if (!(await saveOne(path))) return;
      }
      saving = dirty().length === 0 ? { state: "saved" } : { state: "saving" };
    } catch (error) {
      const away = error instanceof Problem && error.status === 0;
      saving = away ? { state: "offline" } : { state: "failed", error };
      if (!(error instanceof Problem) || error.passing) soon(AGAIN_MS);
    } finally {
      busy = false;
      keep();
      tell();
    }
    if (saving.state === "saving") soon(SOON_MS);
  }

  /** False: it waits for an answer. Raises a `Problem`. */
  async function saveOne(path: string): Promise<boolean> {
    const text = files[path];
    const had = known[path];
    const params = {
      path: { name: bot, path },
      header: had ? { "if-match": `"${had.etag}"` } : { "if-none-match": "*" },
    };
    try {
      if (text === undefined) {
        await given(api.DELETE("/api/v1/bots/{name}/draft/files/{path}", { params }));
        const { [path]: _, ...rest } = known;
        known = rest;
      } else {
        const saved = await given(
          api.PUT("/api/v1/bots/{name}/draft/files/{path}", { params, body: { text } }),
        );
        known = { ...known, [path]: { text, etag: saved.etag } };
      }
      revision += 1;
      return true;
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      return meet(
        path,
        await given(api.GET("/api/v1/bots/{name}/draft", { params: { path: { name: bot } } })),
      );
    }
  }

  /** Somebody else saved this file. False: a block was changed on both sides. */
  function meet(path: string, theirs: Schemas["DraftOut"]): boolean {
    const [base, mine, other] = [known[path]?.text ?? "", files[path], theirs.files[path]];
    const etag = theirs.etags[path];
    if (other === undefined || etag === undefined) {
      const { [path]: _, ...rest } = known;
      known = rest; // it was taken out elsewhere: what was typed here makes it anew
      return true;
    }
    known = { ...known, [path]: { text: other, etag } };
    if (mine === undefined) return true;
    const merged = merge(base, mine, other);
    files = { ...files, [path]: merged.text };
    forget();
    if (merged.twice.length === 0) return true;
    saving = { state: "clash", clash: { path, twice: merged.twice, mine, theirs: other } };
    return false;
  }

  /** Undo would take back what others wrote: after a merge it begins anew. */
  function forget(): void {
    done = [];
    undone = [];
  }

  /** What a tab that is gone could not save. */
  async function adopt(): Promise<void> {
    const held = await navigator.locks.query();
    const alive = new Set(held.held?.map((lock) => lock.name));
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(shelf) || name === shelf + tab || alive.has(name)) continue;
      const kept = JSON.parse(localStorage.getItem(name) ?? "{}") as Record<
        string,
        { text: string | null; base: Known | null }
      >;
      localStorage.removeItem(name);
      for (const [path, { text, base }] of Object.entries(kept)) {
        if (base) known = { ...known, [path]: base };
        const { [path]: _, ...rest } = files;
        files = text === null ? rest : { ...files, [path]: text };
      }
      keep();
      tell();
      soon(0);
    }
  }

  const online = () => soon(0);
  let release: () => void = () => {};
  if (editable) {
    window.addEventListener("online", online);
    void navigator.locks.request(shelf + tab, () => new Promise<void>((free) => (release = free)));
    void adopt();
  }

  return {
    bot,
    editable,
    now: (): Now => now,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /**
     * Change files; undefined takes one out. `typing`: joins what was typed just before to one undo. Gives what takes
     * this change back, in the files that nobody changed since.
     */
    edit(texts: Record<string, string | undefined>, typing = false): () => void {
      if (!editable) return () => {};
      const changes = Object.entries(texts)
        .filter(([path, after]) => files[path] !== after)
        .map(([path, after]) => ({ path, before: files[path], after }));
      const back = () => {
        const same = changes.filter(({ path, after }) => files[path] === after);
        this.edit(Object.fromEntries(same.map(({ path, before }) => [path, before])));
      };
      if (changes.length === 0) return back;
      const last = done.at(-1);
      const [only] = changes;
      if (
        typing &&
        changes.length === 1 &&
        only &&
        last?.typing &&
        last.changes[0]?.path === only.path &&
        Date.now() - last.at < ONE_GO_MS
      ) {
        last.changes = [{ ...only, before: last.changes[0].before }];
        last.at = Date.now();
      } else done = [...done.slice(-MOST_ACTS), { changes, typing, at: Date.now() }];
      undone = [];
      apply(changes);
      return back;
    },
    undo(): void {
      const act = done.at(-1);
      if (!act) return;
      done = done.slice(0, -1);
      undone = [...undone, act];
      apply(act.changes, true);
    },
    redo(): void {
      const act = undone.at(-1);
      if (!act) return;
      undone = undone.slice(0, -1);
      done = [...done, { ...act, typing: false }];
      apply(act.changes);
    },
    /** Whose words stand where both changed one block. */
    settle(prefer: "mine" | "theirs"): void {
      if (saving.state !== "clash") return;
      const { path, mine, theirs } = saving.clash;
      if (prefer === "theirs") {
        let text = files[path] ?? "";
        for (const block of saving.clash.twice)
          if (block.mine !== "" && text.includes(block.mine))
            text = text.replace(block.mine, () => block.theirs);
          else if (text === mine) text = theirs;
        files = { ...files, [path]: text };
      }
      saving = { state: "saving" };
      keep();
      tell();
      soon(0);
    },
    /** The draft was saved elsewhere: take in what is not being changed here. */
    async refresh(): Promise<void> {
      if (busy || closed) return;
      const theirs = await given(api.GET("/api/v1/bots/{name}/draft", { params: { path: { name: bot } } }));
      if (busy || closed) return;
      let news = false;
      const next: Record<string, string> = { ...files };
      const met: Record<string, Known> = { ...known };
      for (const path of new Set([...Object.keys(theirs.files), ...Object.keys(known)])) {
        if (theirs.etags[path] === known[path]?.etag) continue;
        if (files[path] !== known[path]?.text) continue; // being changed here: saving meets it
        news = true;
        const [text, etag] = [theirs.files[path], theirs.etags[path]];
        if (text === undefined || etag === undefined) {
          delete next[path];
          delete met[path];
        } else {
          next[path] = text;
          met[path] = { text, etag };
        }
      }
      if (!news) return;
      files = next;
      known = met;
      revision += 1;
      forget();
      tell();
    },
    /** Save now, and wait for it. True: all is saved. */
    async flush(): Promise<boolean> {
      clearTimeout(timer);
      while (busy) await new Promise((resolve) => setTimeout(resolve, 20));
      await save();
      return dirty().length === 0;
    },
    retry: () => soon(0),
    close(): void {
      if (dirty().length > 0) void save();
      closed = true;
      clearTimeout(timer);
      window.removeEventListener("online", online);
      release();
    },
  };
}

function knownOf(read: Schemas["DraftOut"]): Record<string, Known> {
  return Object.fromEntries(
    Object.entries(read.files).map(([path, text]) => [path, { text, etag: read.etags[path] ?? "" }]),
  );
}
