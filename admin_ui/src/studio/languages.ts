import { parse } from "yaml";

/** The languages that a bot.yaml lists. */
export function languagesOf(bot: string): string[] {
  try {
    const read = parse(bot) as { languages?: unknown } | null;
    return Array.isArray(read?.languages) ? read.languages.map(String) : [];
  } catch {
    return [];
  }
}
