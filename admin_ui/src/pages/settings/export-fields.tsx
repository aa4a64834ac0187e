/** What every export is asked: once, or on a schedule. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { Field } from "../../ui/field";
import { Select } from "../../ui/input";

export type What = Schemas["ExportIn"]["what"];
export type Format = NonNullable<Schemas["ExportIn"]["format"]>;
const WHATS: What[] = ["conversations", "contacts", "data"];
const FORMATS: Format[] = ["csv", "jsonl", "parquet"];

type Props<T> = { value: T; onChange: (value: T) => void; className?: string };

export function WhatField({ value, onChange, className }: Props<What>) {
  const { t } = useTranslation("settings");
  return (
    <Field label={t("exports.what")} className={className}>
      <Select value={value} onChange={(event) => onChange(event.target.value as What)}>
        {WHATS.map((each) => (
          <option key={each} value={each}>
            {t(`exports.whats.${each}`)}
          </option>
        ))}
      </Select>
    </Field>
  );
}

export function FormatField({ value, onChange, className }: Props<Format>) {
  const { t } = useTranslation("settings");
  return (
    <Field label={t("exports.format")} className={className}>
      <Select value={value} onChange={(event) => onChange(event.target.value as Format)}>
        {FORMATS.map((each) => (
          <option key={each} value={each}>
            {each.toUpperCase()}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** `none`: what stands for no bot; one that is `required` is chosen. */
export function BotField({
  value,
  onChange,
  className,
  none,
  required,
  error,
}: Props<string> & { none?: string; required?: boolean; error: string | undefined }) {
  const { t } = useTranslation("settings");
  const bots = useQuery({
    queryKey: ["bots", "all"],
    queryFn: ({ signal }) => given(api.GET("/api/v1/bots", { params: { query: { limit: 100 } }, signal })),
  });
  return (
    <Field label={t("exports.bot")} error={error} className={className}>
      <Select required={required} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{none}</option>
        {bots.data?.items.map((each) => (
          <option key={each.name} value={each.name}>
            {each.name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
