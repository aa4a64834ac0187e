import type { QueryKey } from "@tanstack/react-query";
import { type ComponentProps, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { useDo } from "./section";

type Props = {
  /** The question, with the name of what goes. */
  title: string;
  /** What goes with it, and what stays. */
  detail: string;
  /** What the button says; left out: Remove. */
  act?: string;
  remove: () => Promise<unknown>;
  /** The lists that are read anew. */
  anew: QueryKey;
  variant?: ComponentProps<typeof Button>["variant"];
};

/** A button that removes something, after a question. */
export function Removing({ title, detail, act, remove, anew, variant }: Props) {
  const { t } = useTranslation("settings");
  const [asks, setAsks] = useState(false);
  const does = useDo(remove, { anew, shown: true, onDone: () => setAsks(false) });
  const words = act ?? t("remove");
  return (
    <>
      <Button size="sm" variant={variant} onClick={() => setAsks(true)}>
        {words}
      </Button>
      <Confirm
        open={asks}
        onOpenChange={(open) => {
          does.reset();
          setAsks(open);
        }}
        title={title}
        act={words}
        danger
        busy={does.isPending}
        error={does.error}
        onConfirm={() => does.mutate(undefined)}
      >
        <p>{detail}</p>
      </Confirm>
    </>
  );
}
