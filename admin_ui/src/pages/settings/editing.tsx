import { type ComponentProps, useId } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form } from "../../ui/form";

type Props<T extends Record<string, unknown>> = Pick<
  ComponentProps<typeof Form<T>>,
  "of" | "labels" | "places" | "onSend" | "children"
> & {
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
  onClose: () => void;
};

/** A form over the page, for something new or something that is changed. */
export function Editing<T extends Record<string, unknown>>({
  title,
  description,
  place,
  act,
  save,
  fields = [],
  ready = true,
  onSend,
  onClose,
  ...form
}: Props<T>) {
  const { t } = useTranslation("frame");
  const id = useId();
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
          <Button type="submit" form={id} variant="primary" busy={save.isPending} disabled={!ready}>
            {act ?? t("action.save")}
          </Button>
        </>
      }
    >
      <Form {...form} id={id} error={save.error} fields={fields} onSend={() => ready && onSend()} />
    </Dialog>
  );
}
