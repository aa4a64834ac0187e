/** Find words in all files of a draft, and put others in their place. */
import { parseDocument } from "yaml";
import type { Files } from "./draft";
import { plain } from "./word";

/** `exact`: capitals matter; `whole`: not within a longer word. */
export type Wanted = { words: string; exact: boolean; whole: boolean };
/** `from` and `to` count in the file, `at` in the line's `text`. */
export type Hit = { path: string; line: number; from: number; to: number; text: string; at: number };

export const MOST = 1_000; // places that are shown, and changed, at once

/** Where it stands, file by file, and whether there is more than `MOST`. */
export function seek(files: Files, { words, exact, whole }: Wanted): { hits: Hit[]; more: boolean } {
  const hits: Hit[] = [];
  if (words === "") return { hits, more: false };
  const bound = (edge: string | undefined, look: string) =>
    whole && edge !== undefined && /[\p{L}\p{N}_]/u.test(edge) ? look : "";
  const pattern = new RegExp(
    `${bound(words[0], "(?<![\\p{L}\\p{N}_])")}${plain(words)}${bound(words.at(-1), "(?![\\p{L}\\p{N}_])")}`,
    exact ? "gu" : "giu",
  );
  for (const path of Object.keys(files)) {
    const text = files[path] ?? "";
    let [line, start] = [1, 0];
    for (const found of text.matchAll(pattern)) {
      if (hits.length === MOST) return { hits, more: true };
      const from = found.index;
      for (let end = text.indexOf("\n", start); end >= 0 && end < from; end = text.indexOf("\n", start)) {
        line += 1;
        start = end + 1;
      }
      const end = text.indexOf("\n", from);
      const own = text.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
      hits.push({ path, line, from, to: from + found[0].length, text: own, at: from - start });
    }
  }
  return { hits, more: false };
}

/** The files that change, with `put` at each of these places. */
export function replaced(files: Files, hits: readonly Hit[], put: string): Record<string, string> {
  const next: Record<string, string> = {};
  for (const path of new Set(hits.map((hit) => hit.path))) {
    const own = hits.filter((hit) => hit.path === path).sort((one, other) => other.from - one.from);
    next[path] = own.reduce(
      (text, { from, to }) => text.slice(0, from) + put + text.slice(to),
      files[path] ?? "",
    );
  }
  return next;
}

/** Which of these files could be read before, and could not any more. */
export function broken(files: Files, next: Record<string, string>): string[] {
  return Object.keys(next).filter(
    (path) => readable(path, files[path] ?? "") && !readable(path, next[path] ?? ""),
  );
}

function readable(path: string, text: string): boolean {
  if (path.endsWith(".json"))
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  if (!/\.ya?ml$/.test(path)) return true;
  return parseDocument(text, { version: "1.2" }).errors.length === 0;
}
