/**
 * A bot's draft as it is edited here: the files, one undo for all of them, and their way to the server.
 *
 * What is typed is kept in the browser at once and saved within a second, file by file, each with the ETag that it
 * rests on. Somebody else's revision is merged by fields; one changed on both sides waits for an answer while typing
 * goes on, and the file rests on what it rested on until then; the others are saved meanwhile. Each tab is an author of its own; what a closed tab could not save, the next one takes over.
 */
import { api, given, type Schemas } from "../api/client";
import { Problem } from "../api/problems";
import { shelf } from "../shelf";
import { merge, type Twice } from "./merge";

export type Files = Readonly<Record<string, string>>;
export type Clash = { path: string; twice: Twice[]; theirs: Known };
export type Saving =
  | { state: "saved" }
  | { state: "saving" }
  | { state: "offline" }
  | { state: "failed"; error: unknown }
  | { state: "clash"; clash: Clash }
  | { state: "few"; few: Few };
/** A file that would be saved with few of the steps that it had. */
export type Few = { path: string; left: number; had: number };
export type Now = {
  files: Files;
  saving: Saving;
  /** This browser has no room, or may not keep anything: what is not saved is lost with the page. */
  unkept: boolean;
  /** Counts what the server has: a check of it is a check of that count. */
  revision: number;
  undo: boolean;
  redo: boolean;
};

type Change = { path: string; before: string | undefined; after: string | undefined };
type Act = { changes: Change[]; typing: boolean; at: number };
export type Known = { text: string; etag: string };

const SOON_MS = 600;
const AGAIN_MS = 4_000;
const ONE_GO_MS = 900; // typing without a longer pause is one undo
const MOST_ACTS = 500;

export type Draft = ReturnType<typeof openDraft>;

/** `read`: the draft as the server has it. `editable`: whether who looks may save. `person`: whose words they are. */
export function openDraft(bot: string, read: Schemas["DraftOut"], editable: boolean, person: string) {
  const tab = crypto.randomUUID();
  const held = `chatloom.draft.${person}.${bot}.`;
  let files: Files = read.files;
  let known: Record<string, Known> = knownOf(read);
  let saving: Saving = { state: "saved" }; // of the files that wait for no answer
  const clashes = new Map<string, Clash>();
  const doubted = new Map<string, Few>(); // what was typed takes most of it away, and waits until that is meant
  let revision = 1;
  let done: Act[] = [];
  let undone: Act[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  let closed = false;
  let unkept = editable && !shelf.keeps();
  let missed = false; // somebody saved while this could not be taken in
  const typists = new Set<() => void>();
  let now: Now = { files, saving, unkept, revision, undo: false, redo: false };
  const listeners = new Set<() => void>();

  function tell(): void {
    const [clash] = clashes.values();
    const [few] = doubted.values();
    now = {
      files,
      saving: clash ? { state: "clash", clash } : few ? { state: "few", few } : saving,
      unkept,
      revision,
      undo: done.length > 0,
      redo: undone.length > 0,
    };
    for (const listener of listeners) listener();
  }

  function dirty(): string[] {
    const paths = new Set([...Object.keys(files), ...Object.keys(known)]);
    return [...paths].filter((path) => files[path] !== known[path]?.text);
  }

  function unsaved(): string[] {
    return dirty().filter((path) => !clashes.has(path) && !doubted.has(path));
  }

  function keep(): void {
    const waiting = Object.fromEntries(
      dirty().map((path) => [path, { text: files[path] ?? null, base: known[path] ?? null }]),
    );
    if (Object.keys(waiting).length === 0) shelf.drop(held + tab);
    else unkept = !shelf.put(held + tab, JSON.stringify(waiting));
  }

  /** Whether it would be saved with few of its steps. */
  function doubt(path: string): void {
    const few = fewIn(path, known[path]?.text ?? "", files[path]);
    if (few) doubted.set(path, few);
    else doubted.delete(path);
  }

  /** `typed`: not an act that was chosen, so it may be a slip. */
  function apply(changes: Change[], back = false, typed = false): void {
    const next: Record<string, string> = { ...files };
    for (const change of back ? [...changes].reverse() : changes) {
      const text = back ? change.before : change.after;
      if (text === undefined) delete next[change.path];
      else next[change.path] = text;
    }
    files = next;
    for (const { path } of changes) {
      if (typed || (back && doubted.has(path))) doubt(path);
      else doubted.delete(path);
    }
    if (saving.state === "saved" && unsaved().length > 0) saving = { state: "saving" };
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
    if (busy) return;
    busy = true;
    try {
      for (const path of unsaved()) {
        saving = { state: "saving" };
        tell();
        await saveOne(path);
      }
      saving = unsaved().length === 0 ? { state: "saved" } : { state: "saving" };
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
    if (saving.state !== "saved" || closed) return;
    if (missed) void refresh();
    if (shelves().length > 0) void adopt();
  }

  /** Raises a `Problem`. */
  async function saveOne(path: string): Promise<void> {
    const text = files[path];
    const had = known[path];
    const params = {
      path: { name: bot, path },
      header: had ? { "if-match": `"${had.etag}"` } : { "if-none-match": "*" },
    };
    try {
      if (text === undefined) {
        await given(api.DELETE("/api/v1/bots/{name}/draft/files/{path}", { params })).catch(unlessGone);
        const { [path]: _, ...rest } = known;
        known = rest;
      } else {
        const saved = await given(
          api.PUT("/api/v1/bots/{name}/draft/files/{path}", { params, body: { text } }),
        );
        known = { ...known, [path]: { text, etag: saved.etag } };
      }
      revision += 1;
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      meet(path, await given(api.GET("/api/v1/bots/{name}/draft", { params: { path: { name: bot } } })));
    }
  }

  /** Somebody else saved this file; where a field was changed on both sides it waits for an answer. */
  function meet(path: string, theirs: Schemas["DraftOut"]): void {
    const [base, mine, other] = [known[path]?.text ?? "", files[path], theirs.files[path]];
    const etag = theirs.etags[path];
    if (other === undefined || etag === undefined) {
      const { [path]: _, ...rest } = known;
      known = rest; // it was taken out elsewhere: what was typed here makes it anew
      return;
    }
    // What was taken out here and changed there stays: words are dearer than tidiness.
    const merged = mine === undefined ? { text: other, twice: [] } : merge(base, mine, other);
    files = { ...files, [path]: merged.text };
    forget();
    if (merged.twice.length > 0)
      clashes.set(path, { path, twice: merged.twice, theirs: { text: other, etag } });
    else known = { ...known, [path]: { text: other, etag } };
  }

  /** Undo would take back what others wrote: after a merge it begins anew. */
  function forget(): void {
    done = [];
    undone = [];
  }

  function shelves(): string[] {
    return shelf.names().filter((name) => name.startsWith(held) && name !== held + tab);
  }

  /** What a tab that is gone could not save; a file that is being saved here has its turn when that is done. */
  async function adopt(): Promise<void> {
    const locks = await navigator.locks.query();
    const alive = new Set(locks.held?.map((lock) => lock.name));
    const busyWith = new Set(dirty());
    for (const name of shelves()) {
      if (alive.has(name)) continue;
      const kept = JSON.parse(shelf.get(name) ?? "{}") as Record<
        string,
        { text: string | null; base: Known | null }
      >;
      for (const [path, { text, base }] of Object.entries(kept)) {
        if (busyWith.has(path)) continue;
        busyWith.add(path);
        delete kept[path];
        const { [path]: _, ...others } = known;
        known = base ? { ...others, [path]: base } : others;
        const { [path]: __, ...rest } = files;
        files = text === null ? rest : { ...files, [path]: text };
        doubt(path);
      }
      keep(); // here before it is gone there
      if (Object.keys(kept).length === 0) shelf.drop(name);
      else shelf.put(name, JSON.stringify(kept));
      if (unkept) keep(); // in the room that it had there
      if (unsaved().length > 0 && saving.state === "saved") saving = { state: "saving" };
      tell();
      soon(0);
    }
  }

  /** The draft was saved elsewhere: take in what is not being changed here. */
  async function refresh(): Promise<void> {
    missed = true;
    if (busy || closed) return;
    let theirs: Schemas["DraftOut"];
    try {
      theirs = await given(api.GET("/api/v1/bots/{name}/draft", { params: { path: { name: bot } } }));
    } catch (error) {
      if (error instanceof Problem) return; // what comes after it, or the next saving, asks again
      throw error;
    }
    if (busy || closed) return;
    missed = false;
    for (const write of typists) write();
    let news = false;
    const next: Record<string, string> = { ...files };
    const met: Record<string, Known> = { ...known };
    for (const path of new Set([...Object.keys(theirs.files), ...Object.keys(known)])) {
      if (theirs.etags[path] === known[path]?.etag) continue;
      if (files[path] !== known[path]?.text) continue; // being changed here: saving meets it
      news = true;
      clashes.delete(path);
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
  }

  /** What was typed a moment ago is on its way, also by who leaves. */
  async function last(): Promise<void> {
    while (busy) await new Promise((resolve) => setTimeout(resolve, 20));
    if (dirty().length > 0) await save();
  }

  const online = () => soon(0);
  let release: () => void = () => {};
  if (editable) {
    window.addEventListener("online", online);
    void navigator.locks.request(held + tab, () => new Promise<void>((free) => (release = free)));
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
     * this change back, in the files that nobody changed since: as an undo, where nothing else was done since.
     */
    edit(texts: Record<string, string | undefined>, typing = false): () => void {
      if (!editable) return () => {};
      const changes = Object.entries(texts)
        .filter(([path, after]) => files[path] !== after)
        .map(([path, after]) => ({ path, before: files[path], after }));
      const act: Act = { changes, typing, at: Date.now() };
      const back = () => {
        if (!typing && done.at(-1) === act) return this.undo();
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
      } else done = [...done.slice(-MOST_ACTS), act];
      undone = [];
      apply(changes, false, typing);
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
    /** Whose words stand where both changed one field. It can be undone. */
    settle(prefer: "mine" | "theirs"): void {
      const [clash] = clashes.values();
      if (!clash) return;
      for (const write of typists) write();
      const { path, theirs } = clash;
      clashes.delete(path);
      const before = files[path] ?? "";
      const { text } = merge(known[path]?.text ?? "", before, theirs.text, prefer);
      known = { ...known, [path]: theirs };
      saving = { state: "saving" };
      if (text !== before) this.edit({ [path]: text });
      keep();
      tell();
      soon(0);
    },
    /** It shall be saved with the few steps that are left. */
    mean(): void {
      for (const path of doubted.keys()) doubted.delete(path);
      if (unsaved().length > 0) saving = { state: "saving" };
      tell();
      soon(0);
    },
    /** `write`: puts what is being typed into the draft, called before somebody else's changes come in. */
    typing(write: () => void): () => void {
      typists.add(write);
      return () => typists.delete(write);
    },
    refresh,
    /** Save now, and wait for it. True: all is saved. */
    async flush(): Promise<boolean> {
      clearTimeout(timer);
      for (const write of typists) write();
      await last();
      return dirty().length === 0;
    },
    /** Save now, and take in what others saved: the tag, for `If-Match`, of what is then both here and there. Undefined: something waits. */
    async settled(): Promise<string | undefined> {
      for (let times = 0; times < 5; times += 1) {
        if (!(await this.flush())) return undefined;
        const there = await given(api.GET("/api/v1/bots/{name}/draft", { params: { path: { name: bot } } }));
        const paths = new Set([...Object.keys(there.files), ...Object.keys(files)]);
        if ([...paths].every((path) => there.files[path] === files[path])) return there.etag;
        await refresh();
      }
      return undefined;
    },
    retry: () => soon(0),
    close(): void {
      for (const write of typists) write();
      void last();
      closed = true;
      clearTimeout(timer);
      window.removeEventListener("online", online);
      release();
    },
  };
}

const ENOUGH = 4; // steps: to lose most of fewer is no accident
const NAMED = /(?:^|[\s{,-])["']?id["']?\s*:/gm; // also in a text that cannot be read just now

function fewIn(path: string, before: string, after: string | undefined): Few | undefined {
  if (!path.startsWith("flows/") || after === undefined || after.length >= before.length) return undefined;
  const [had, left] = [before, after].map((text) => Math.max(0, (text.match(NAMED)?.length ?? 0) - 1)) as [
    number,
    number,
  ];
  return had >= ENOUGH && left * 2 < had ? { path, had, left } : undefined;
}

/** It was taken out already: by whoever, or by a request whose answer was lost. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Problem) || error.status !== 404) throw error;
}

function knownOf(read: Schemas["DraftOut"]): Record<string, Known> {
  return Object.fromEntries(
    Object.entries(read.files).map(([path, text]) => [path, { text, etag: read.etags[path] ?? "" }]),
  );
}
