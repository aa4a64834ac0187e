import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import type { Acts } from "../../studio/acts";
import type { Draft } from "../../studio/draft";
import { defaultsTo, type Flow, leadingTo } from "../../studio/flow-text";
import { wordOf } from "../../studio/word";
import { Confirm } from "../../ui/confirm";
import { ProblemNotice } from "../../ui/notice";
import { toast } from "../../ui/toast";
import type { Shown } from "./routes";
import { UsesList } from "./uses-list";

/** Steps of the flow that is shown, and its file. */
export type Leaving = { ids: string[]; flow: Flow; file: string };

/** Asks before steps go that other files name; they go at once where none does. */
export function RemoveSteps({
  draft,
  leaving,
  acts,
  onClose,
  onGone,
  onShow,
}: {
  draft: Draft;
  leaving: Leaving;
  acts: Acts;
  onClose: () => void;
  /** Given the step that is next. */
  onGone: (next: string | undefined) => void;
  onShow: (more: Shown) => void;
}) {
  const { t } = useTranslation(["whole-bot", "studio"]);
  const { ids, flow, file } = leaving;
  const word = wordOf(ids);
  const elsewhere = Object.entries(draft.now().files).some(
    ([path, text]) => path !== file && path !== "layout.json" && word.test(text),
  );
  const read = useQuery({
    enabled: elsewhere,
    queryKey: ["draft-names", draft.bot, "step", flow.id, "leaving", ids],
    gcTime: 0,
    retry: false,
    async queryFn({ signal }) {
      await draft.flush();
      return given(
        api.GET("/api/v1/bots/{name}/draft/names", {
          params: { path: { name: draft.bot }, query: { kind: "step", of: flow.id } },
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
  const free = !elsewhere || (read.isSuccess && left.every((use) => use.file === file));
  const go = () => {
    const place = flow.steps.findIndex((step) => step.id === ids[0]);
    const back = acts.remove(ids);
    if (!back) return;
    const left = flow.steps.filter((step) => !ids.includes(step.id));
    onGone((left[place] ?? left[place - 1])?.id);
    const places = leadingTo(flow, ids).map((step) => ({
      label: step,
      go: () => onShow({ file, step, pane: "step" }),
    }));
    if (defaultsTo(flow, ids).length > 0)
      places.push({
        label: t("studio:form.still_defaults"),
        go: () => onShow({ file, step: undefined, pane: "step" }),
      });
    toast.done(
      t("studio:canvas.removed", { count: ids.length, step: ids[0] }),
      back,
      places.length > 0 ? { detail: t("studio:form.still"), places } : undefined,
    );
  };
  const remove = useEffectEvent(() => {
    go();
    onClose();
  });
  useEffect(() => {
    if (free) remove();
  }, [free]);
  if (free || read.isPending) return null;
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t("remove.steps", { count: ids.length, step: ids[0] })}
      act={t("remove.act")}
      onConfirm={() => {
        go();
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
