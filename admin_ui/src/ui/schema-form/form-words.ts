/** What rjsf says by itself (buttons of lists, names of branches), in the person's language: `schema.form` in `frame`. */
import { englishStringTranslator, TranslatableString } from "@rjsf/utils";
import i18next from "i18next";

const NAMES = new Map(Object.entries(TranslatableString).map(([name, text]) => [text, name]));

/** `%1`, `%2` in rjsf's sentence are `given`, in this order. What only who wrote the schema reads stays English. */
export function formWord(text: TranslatableString, given: string[] = []): string {
  const key = `frame:schema.form.${NAMES.get(text) ?? ""}`;
  if (!i18next.exists(key)) return englishStringTranslator(text, given);
  return i18next.t(key as "frame:schema.form.AddButton", { 1: given[0], 2: given[1] });
}
