/** What a language is called in another (`tongue("it", "en")`: Italian), or its code where it is none. */
export function tongue(code: string, language: string): string {
  try {
    return new Intl.DisplayNames(language, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
