/** Steps that go: at once where only their own flow names them, else all places are shown first. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Acts } from "../../studio/acts";
import type { Files } from "../../studio/draft";
import { defaultsTo, type Flow, leadingTo } from "../../studio/flow-text";
import { toast } from "../../ui/toast";
import type { Shown } from "./routes";

export type Leaving = { ids: string[]; flow: string; file: string };

export function useRemoving({
  flow,
  file,
  files,
  acts,
  onChoose,
  onShow,
}: {
  flow: Flow | undefined;
  file: string | undefined;
  files: Files;
  acts: Acts;
  onChoose: (step: string | undefined) => void;
  onShow: (more: Shown) => void;
}) {
  const { t } = useTranslation("studio");
  const [leaving, setLeaving] = useState<Leaving>();
  const go = (ids: string[]) => {
    if (!flow || file === undefined) return;
    const place = flow.steps.findIndex((step) => step.id === ids[0]);
    const back = acts.remove(ids);
    if (!back) return;
    const left = flow.steps.filter((step) => !ids.includes(step.id));
    onChoose((left[place] ?? left[place - 1])?.id);
    const places = leadingTo(flow, ids).map((step) => ({
      label: step,
      go: () => onShow({ file, step, pane: "step" }),
    }));
    if (defaultsTo(flow, ids).length > 0)
      places.push({
        label: t("form.still_defaults"),
        go: () => onShow({ file, step: undefined, pane: "step" }),
      });
    toast.done(
      t("canvas.removed", { count: ids.length, step: ids[0] }),
      back,
      places.length > 0 ? { detail: t("form.still"), places } : undefined,
    );
  };
  return {
    leaving,
    go: () => leaving && go(leaving.ids),
    stay: () => setLeaving(undefined),
    remove(ids: string[]) {
      if (!flow || file === undefined) return;
      const word = new RegExp(`\\b(${ids.join("|")})\\b`);
      const elsewhere = Object.entries(files).some(
        ([path, text]) => path !== file && path !== "layout.json" && word.test(text),
      );
      if (elsewhere) setLeaving({ ids, flow: flow.id, file });
      else go(ids);
    },
  };
}
