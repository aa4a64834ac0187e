import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { Confirm } from "../../ui/confirm";
import { toast } from "../../ui/toast";
import type { Num } from "./queries";

/** Log a phone out, and destroy its session here. */
export function Unlinking({ number, open, onClose }: { number: Num; open: boolean; onClose: () => void }) {
  const { t } = useTranslation("numbers");
  const queries = useQueryClient();
  const unlink = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      given(
        api.POST("/api/v1/numbers/{number}/session/unlink", {
          params: { path: { number: number.name }, query: { sure: true } },
        }),
      ),
    onSuccess() {
      void queries.invalidateQueries({ queryKey: ["numbers"] });
      toast.done(t("done.unlinking", { name: number.name }));
      onClose();
    },
  });
  return (
    <Confirm
      open={open}
      onOpenChange={onClose}
      title={t("unlink.title", { name: number.name })}
      act={t("act.unlink")}
      typed={number.name}
      danger
      onConfirm={() => unlink.mutate()}
      busy={unlink.isPending}
      error={unlink.error}
    >
      <p>{t("unlink.goes")}</p>
      <p>{t("unlink.stays")}</p>
    </Confirm>
  );
}
