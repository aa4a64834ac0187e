/**
 * What people read, in their language: one catalogue a page and language in `locales/`. A page names its catalogue
 * in its route (`words("numbers")`), so that it is there before the page is.
 */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { shelf } from "./shelf";

export const LANGUAGES = { en: "English", it: "Italiano" } as const;
export type Language = keyof typeof LANGUAGES;
export type Catalogue = keyof import("i18next").CustomTypeOptions["resources"];

const KEPT = "chatloom.language";
const files = import.meta.glob<{ default: Record<string, unknown> }>("./locales/*/*.json");

function preferred(): Language {
  const wanted = [shelf.get(KEPT), ...navigator.languages.map((each) => each.slice(0, 2))];
  return wanted.find((each): each is Language => each !== null && each in LANGUAGES) ?? "en";
}

export async function startWords(): Promise<void> {
  await i18next
    .use({
      type: "backend" as const,
      init() {},
      async read(language: string, catalogue: string) {
        const file = files[`./locales/${language}/${catalogue}.json`];
        return file === undefined ? {} : (await file()).default;
      },
    })
    .use(initReactI18next)
    .init({
      lng: preferred(),
      fallbackLng: false,
      supportedLngs: Object.keys(LANGUAGES),
      ns: ["frame", "problems"],
      defaultNS: "frame",
      interpolation: { escapeValue: false }, // React escapes
      returnNull: false,
    });
  document.documentElement.lang = i18next.language;
  i18next.on("languageChanged", (language) => {
    document.documentElement.lang = language;
    shelf.put(KEPT, language);
  });
}

/** A route's loader: the catalogues that its page needs. */
export function words(...catalogues: Catalogue[]): () => Promise<void> {
  return () => i18next.loadNamespaces(catalogues);
}
