import { useTranslation } from "react-i18next";
import { Field } from "../../../ui/field";
import { Input } from "../../../ui/input";

const NAME = "\\w[\\w .+\\-]{0,63}";

/** What a new number is called. */
export function NameField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (name: string) => void;
  error: string | undefined;
}) {
  const { t } = useTranslation("numbers");
  return (
    <Field label={t("new.name")} hint={t("new.name_hint")} error={error}>
      <Input
        value={value}
        onChange={(event) => onChange(event.target.value)}
        required
        maxLength={64}
        pattern={NAME}
        title={t("new.name_rule")}
        autoFocus
      />
    </Field>
  );
}
