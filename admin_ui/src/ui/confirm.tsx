import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Field } from "./field";
import { Input } from "./input";
import { ProblemNotice } from "./notice";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What goes, and what stays. */
  children: ReactNode;
  /** What the button says: the act, not "OK". */
  act: string;
  /** To be typed, where it cannot be undone. */
  typed?: string;
  danger?: boolean;
  onConfirm: () => void;
  busy?: boolean;
  error?: unknown;
};

/** Asks before something that people may regret. */
export function Confirm({
  open,
  onOpenChange,
  title,
  children,
  act,
  typed,
  danger,
  onConfirm,
  busy,
  error,
}: Props) {
  const { t } = useTranslation("frame");
  const [said, setSaid] = useState("");
  const sure = typed === undefined || said.trim() === typed;
  const change = (next: boolean) => {
    setSaid("");
    onOpenChange(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={title}
      footer={
        <>
          <Button onClick={() => change(false)}>{t("action.cancel")}</Button>
          <Button
            variant={danger ? "danger" : "primary"}
            disabled={!sure}
            busy={busy ?? false}
            onClick={onConfirm}
          >
            {act}
          </Button>
        </>
      }
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (sure) onConfirm();
        }}
      >
        <div className="space-y-2">{children}</div>
        {typed !== undefined && (
          <Field label={t("confirm.type", { typed })}>
            <Input
              value={said}
              onChange={(event) => setSaid(event.target.value)}
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
        )}
        <ProblemNotice error={error} />
      </form>
    </Dialog>
  );
}
