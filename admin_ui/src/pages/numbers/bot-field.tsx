import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../ui/field";
import { Select } from "../../ui/input";
import { botsQuery } from "./queries";

/** Which bot answers: the first that is published, unless another is chosen; "" is none. */
export function BotField({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (bot: string) => void;
}) {
  const { t } = useTranslation("numbers");
  const bots = useQuery(botsQuery);
  const published = bots.data?.items.filter((each) => each.published_version !== null) ?? [];
  const first = published[0]?.name;
  useEffect(() => {
    if (value === undefined && first !== undefined) onChange(first);
  }, [value, first, onChange]);
  return (
    <Field label={t("bot")} hint={t("new.bot_hint")}>
      <Select value={value ?? ""} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t("no_bot")}</option>
        {published.map((each) => (
          <option key={each.name} value={each.name}>
            {each.name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
