/** In which language forms show texts: what the canvas speaks since that was last chosen, else a person's last choice. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { shelf } from "../../shelf";
import type { Files } from "../../studio/draft";
import { nameOf } from "../../studio/languages";
import { apartOf, KEYS } from "../../studio/tongue";

export type Languages = {
  all: string[];
  name: (language: string) => string;
  shown: string;
  /** What `texts/` has in a language for a text's place; "" is nothing. */
  apart: (language: string, key: string) => string;
  show: (language: string) => void;
  /** The one of what stands at a place of a flow. */
  showAt: (text: string, line: number, column: number) => void;
};

const SHELF = "chatloom.studio.language";

export function useTextLanguage(files: Files, all: string[], speaks: string | undefined): Languages {
  const { i18n } = useTranslation();
  const [shown, setShown] = useState(() => all.find((each) => each === speaks) ?? shelf.get(SHELF) ?? "");
  const [followed, setFollowed] = useState(speaks);
  if (speaks !== followed) {
    setFollowed(speaks);
    if (speaks !== KEYS) setShown(speaks ?? "");
  }
  const names = new Intl.DisplayNames(i18n.language, { type: "language" });
  const show = (language: string) => {
    setShown(language);
    shelf.put(SHELF, language);
  };
  return {
    all,
    name: (language) => nameOf(names, language),
    shown,
    apart: (language, key) => apartOf(files, language, key),
    show,
    async showAt(...place) {
      // Without a net the tab stays.
      const loaded = await import("../../studio/language-at").catch(() => undefined);
      const found = loaded?.languageAt(all, ...place);
      if (found !== undefined) show(found);
    },
  };
}
