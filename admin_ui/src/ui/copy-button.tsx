import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";

const SAID_MS = 1_500;

/** Puts a text on the clipboard. `label` says which. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation("frame");
  const [done, setDone] = useState(false);
  return (
    <Button
      variant="ghost"
      size="icon-sm"
      aria-label={done ? t("action.copied") : label}
      title={label}
      onClick={async () => {
        await navigator.clipboard.writeText(text);
        setDone(true);
        setTimeout(() => setDone(false), SAID_MS);
      }}
    >
      {done ? <Check className="text-success" /> : <Copy />}
    </Button>
  );
}

/** A text to be copied whole: an address, a token. */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex min-w-0 items-center gap-1 rounded-md border bg-muted/40 py-0.5 pr-0.5 pl-2.5">
      <code className="min-w-0 flex-1 truncate text-xs" title={text}>
        {text}
      </code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
