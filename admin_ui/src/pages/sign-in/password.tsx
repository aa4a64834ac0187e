import { Eye, EyeOff } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button";
import { Input } from "../../ui/input";

type Props = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoComplete: "current-password" | "new-password";
  hint?: string;
  error?: string | undefined;
  autoFocus?: boolean;
};

/** A password, which can be shown. */
export function Password({ label, value, onChange, autoComplete, hint, error, autoFocus }: Props) {
  const { t } = useTranslation("sign-in");
  const [shown, setShown] = useState(false);
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium text-[13px]">
        {label}
      </label>
      <div className="relative">
        <Input
          id={id}
          type={shown ? "text" : "password"}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          autoComplete={autoComplete}
          autoCapitalize="off"
          spellCheck={false}
          required
          minLength={autoComplete === "new-password" ? 12 : undefined}
          maxLength={256}
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
          className="pr-9"
          autoFocus={autoFocus}
        />
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={shown ? t("hide") : t("show")}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
          className="-translate-y-1/2 absolute top-1/2 right-0.5 text-muted-foreground"
        >
          {shown ? <EyeOff /> : <Eye />}
        </Button>
      </div>
      {hint && (
        <p id={`${id}-hint`} className="text-muted-foreground text-xs">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-destructive text-xs">
          {error}
        </p>
      )}
    </div>
  );
}
