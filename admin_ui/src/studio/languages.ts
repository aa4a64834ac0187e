import { parse } from "yaml";

/** The languages that a bot.yaml lists. */
export function languagesOf(bot: string): string[] {
  const { languages } = read(bot);
  return Array.isArray(languages) ? languages.map(String) : [];
}

/** The flow that a bot.yaml names for what nothing else takes. */
export function fallbackOf(bot: string): string | undefined {
  const { fallback } = read(bot);
  return typeof fallback === "string" ? fallback : undefined;
}

function read(bot: string): { languages?: unknown; fallback?: unknown } {
  try {
    return (parse(bot) ?? {}) as { languages?: unknown };
  } catch {
    return {};
  }
}

/** What a language is called. */
export function nameOf(names: Intl.DisplayNames, language: string): string {
  try {
    return names.of(language) ?? language;
  } catch {
    return language; // whatever bot.yaml says
  }
}
