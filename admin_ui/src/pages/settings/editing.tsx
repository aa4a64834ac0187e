import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../../api/problems";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ProblemNotice } from "../../ui/notice";

type Props = {
  title: string;
  description?: string;
  place?: "middle" | "side";
  /** What the button says; left out: Save. */
  act?: string;
  /** The act on the server that the form sends. */
  save: { isPending: boolean; error: unknown };
  /** Fields that say their own faults. */
  fields?: string[];
  /** What is typed can be sent. */
  ready?: boolean;
  onSend: () => void;
  onClose: () => void;
  /** The fields: `fault("name")` is what is wrong with one. */
  children: (fault: (at: string) => string | undefined) => ReactNode;
};

/** A form over the page, for something new or something that is changed: what is wrong stays beside its field. */
export function Editing({
  title,
  description,
  place,
  act,
  save,
  fields = [],
  ready = true,
  onSend,
  onClose,
  children,
}: Props) {
  const { t } = useTranslation("frame");
  const form = useId();
  const problem = save.error instanceof Problem ? save.error : undefined;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={title}
      description={description}
      {...(place ? { place } : {})}
      footer={
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" form={form} variant="primary" busy={save.isPending} disabled={!ready}>
            {act ?? t("action.save")}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onSend();
        }}
      >
        {children((at) => problem?.fault(at))}
        <ProblemNotice error={save.error} fields={fields} />
      </form>
    </Dialog>
  );
}
