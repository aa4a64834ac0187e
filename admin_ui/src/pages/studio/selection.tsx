import { Trash2, Workflow } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { NoFlow } from "../../studio/make-flow";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { Notice } from "../../ui/notice";

type Props = {
  count: number;
  taken: (flow: string) => boolean;
  /** Raises `NoFlow`. */
  onFlow: (name: string) => void;
  onRemove: () => void;
};

/** What can be done with several steps at once. */
export function Selection({ count, taken, onFlow, onRemove }: Props) {
  const { t } = useTranslation("studio");
  const [asks, setAsks] = useState(false);
  return (
    <div className="ml-auto flex items-center gap-2 rounded-md border bg-popover px-2 py-1 text-[13px] shadow-sm">
      <span>{t("canvas.picked", { count })}</span>
      <Button size="sm" onClick={() => setAsks(true)}>
        <Workflow />
        {t("make_flow.act")}
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={t("form.delete")}
        title={t("form.delete")}
        onClick={onRemove}
      >
        <Trash2 />
      </Button>
      {asks && (
        <Name
          taken={taken}
          onClose={() => setAsks(false)}
          onName={(name) => {
            onFlow(name);
            setAsks(false);
          }}
        />
      )}
    </div>
  );
}

function Name({
  taken,
  onName,
  onClose,
}: {
  taken: (flow: string) => boolean;
  onName: (name: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation("studio");
  const [name, setName] = useState("");
  const [why, setWhy] = useState<NoFlow["why"]>();
  const there = taken(name.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      onName(name.trim());
    } catch (error) {
      if (!(error instanceof NoFlow)) throw error;
      setWhy(error.why);
    }
  };
  return (
    <Dialog open onOpenChange={onClose} title={t("make_flow.act")} description={t("make_flow.lead")}>
      <form onSubmit={submit} className="space-y-3">
        <Field label={t("tree.name")} hint={t("form.id_hint")} error={there ? t("tree.there") : undefined}>
          <Input
            required
            autoFocus
            value={name}
            pattern="[a-z][a-z0-9_]*"
            maxLength={64}
            spellCheck={false}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        {why && <Notice kind="problem">{t(`make_flow.${why}`)}</Notice>}
        <Button type="submit" variant="primary" disabled={name.trim() === "" || there}>
          {t("make_flow.act")}
        </Button>
      </form>
    </Dialog>
  );
}
