/** A pattern's text that finds just these words. */
export function plain(words: string): string {
  return words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Finds any of these names, not within a longer one. */
export function wordOf(names: readonly string[]): RegExp {
  return new RegExp(`(?<!\\w)(?:${names.map(plain).join("|")})(?!\\w)`);
}
