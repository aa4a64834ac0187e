import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Field } from "../../ui/field";
import { Select } from "../../ui/input";
import { botsQuery } from "./queries";

/** Bots that can answer: those with a published version. */
export function usePublished(): string[] {
  const bots = useQuery(botsQuery);
  return bots.data?.items.filter((each) => each.published_version !== null).map((each) => each.name) ?? [];
}

/** Which bot answers; "" is none. */
export function BotField({ value, onChange }: { value: string; onChange: (bot: string) => void }) {
  const { t } = useTranslation("numbers");
  const published = usePublished();
  return (
    <Field label={t("bot")} hint={t("new.bot_hint")}>
      <Select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t("no_bot")}</option>
        {published.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </Select>
    </Field>
  );
}
