import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { Confirm } from "../../ui/confirm";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { toast } from "../../ui/toast";
import type { Num } from "./queries";

type Props = { number: Num; open: boolean; onClose: () => void; onDone: () => void };

/** Take a number out of service for good, having seen what that does. */
export function Removal({ number, open, onClose, onDone }: Props) {
  const { t } = useTranslation("numbers");
  const queries = useQueryClient();
  const path = { number: number.name };
  const told = useQuery({
    queryKey: ["numbers", "removal", number.name],
    queryFn: ({ signal }) => given(api.GET("/api/v1/numbers/{number}/removal", { params: { path }, signal })),
    enabled: open,
  });
  const remove = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      given(api.DELETE("/api/v1/numbers/{number}", { params: { path, query: { sure: true } } })),
    onSuccess() {
      onDone();
      toast.done(t("done.removed", { name: number.name }));
      void queries.invalidateQueries({ queryKey: ["numbers", "pages"] });
    },
  });
  const facts = told.data;
  return (
    <Confirm
      open={open}
      onOpenChange={onClose}
      title={t("remove.title", { name: number.name })}
      act={t("act.remove")}
      typed={number.name}
      danger
      onConfirm={() => remove.mutate()}
      busy={remove.isPending}
      error={remove.error}
    >
      {told.isError && <ProblemNotice error={told.error} />}
      {facts === undefined ? (
        <Loading lines={2} />
      ) : (
        <ul className="list-disc space-y-1 pl-5">
          {facts.unsent > 0 && <li>{t("remove.unsent", { count: facts.unsent })}</li>}
          {facts.unprocessed > 0 && <li>{t("remove.unprocessed", { count: facts.unprocessed })}</li>}
          {facts.timers > 0 && <li>{t("remove.timers", { count: facts.timers })}</li>}
          {facts.open_runs > 0 && <li>{t("remove.open_runs", { count: facts.open_runs })}</li>}
          {facts.secrets.length > 0 && <li>{t("remove.secrets")}</li>}
          {facts.linked && <li>{t("remove.linked")}</li>}
          <li>{t("remove.conversations", { count: facts.conversations })}</li>
        </ul>
      )}
    </Confirm>
  );
}
