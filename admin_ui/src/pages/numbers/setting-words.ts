/** Titles, help and choices of a channel's settings in the person's language; the driver's own where we have none. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import en from "../../locales/en/numbers.json";
import type { Hints } from "../../ui/schema-form/schema-form";
import type { Channel } from "./queries";

type Named = keyof typeof en.setting;

export function useSettingWords(channel: Channel | undefined): (name: string) => Hints {
  const { t } = useTranslation("numbers");
  return useCallback(
    (name) => {
      const help = (channel?.ui_schema[name] as Record<string, string> | undefined)?.["ui:help"];
      if (!(name in en.setting)) return help === undefined ? {} : { help };
      const key = name as Named;
      // Not each setting has choices, which the types of keys cannot say.
      const all = t as unknown as (key: string, how: object) => Record<string, string>;
      const options = all(`setting.${key}.options`, { returnObjects: true, defaultValue: {} });
      return { title: t(`setting.${key}.title`), help: t(`setting.${key}.help`), options };
    },
    [channel, t],
  );
}
