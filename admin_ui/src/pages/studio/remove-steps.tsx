import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import type { Draft } from "../../studio/draft";
import { Confirm } from "../../ui/confirm";
import { ProblemNotice } from "../../ui/notice";
import type { Leaving } from "./removing";
import type { Shown } from "./routes";
import { UsesList } from "./uses-list";

/** Asks before steps go that other files name; they go at once where none does. */
export function RemoveSteps({
  draft,
  leaving,
  onClose,
  onShow,
  onRemove,
}: {
  draft: Draft;
  leaving: Leaving;
  onClose: () => void;
  onShow: (more: Shown) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("whole-bot");
  const { ids, flow, file } = leaving;
  const read = useQuery({
    queryKey: ["draft-names", draft.bot, "step", flow, "leaving", ids],
    gcTime: 0,
    retry: false,
    async queryFn({ signal }) {
      await draft.flush();
      return given(
        api.GET("/api/v1/bots/{name}/draft/names", {
          params: { path: { name: draft.bot }, query: { kind: "step", of: flow } },
          signal,
        }),
      );
    },
  });
  const left = (read.data?.names ?? [])
    .filter(({ name }) => ids.includes(name))
    .flatMap(({ uses }) => uses)
    .filter(
      (use) =>
        use.how !== "places" && (use.file !== file || (use.how !== "declares" && !ids.includes(use.step))),
    );
  const free = read.isSuccess && left.every((use) => use.file === file);
  const remove = useEffectEvent(() => {
    onRemove();
    onClose();
  });
  useEffect(() => {
    if (free) remove();
  }, [free]);
  if (read.isPending || free) return null;
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t("remove.steps", { count: ids.length, step: ids[0] })}
      act={t("remove.act")}
      onConfirm={() => {
        onRemove();
        onClose();
      }}
    >
      <ProblemNotice error={read.error} />
      {left.length > 0 && (
        <>
          <p>{t("remove.steps_used", { count: left.length })}</p>
          <UsesList
            uses={left}
            onShow={(where) => {
              onShow(where);
              onClose();
            }}
          />
        </>
      )}
    </Confirm>
  );
}
