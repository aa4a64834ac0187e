import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import type { Draft } from "../../studio/draft";
import { readFlow } from "../../studio/flow-text";
import { Confirm } from "../../ui/confirm";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import type { Shown } from "./routes";
import { UsesList } from "./uses-list";

/** Asks before a flow goes: who would still name it. */
export function RemoveFlow({
  draft,
  path,
  onClose,
  onShow,
  onRemove,
}: {
  draft: Draft;
  path: string;
  onClose: () => void;
  onShow: (more: Shown) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("whole-bot");
  const name = readFlow(draft.now().files[path] ?? "").id || path.replace(/^flows\/|\.(ya?ml|json)$/g, "");
  const read = useQuery({
    queryKey: ["draft-names", draft.bot, "flow", name, path],
    gcTime: 0,
    retry: false,
    async queryFn({ signal }) {
      await draft.flush();
      return given(
        api.GET("/api/v1/bots/{name}/draft/names", {
          params: { path: { name: draft.bot }, query: { kind: "flow", called: name } },
          signal,
        }),
      );
    },
  });
  const left = (read.data?.names[0]?.uses ?? []).filter((use) => use.file !== path);
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t("remove.title", { path })}
      act={t("remove.act")}
      onConfirm={() => {
        onRemove();
        onClose();
      }}
    >
      {read.isPending && <Loading />}
      <ProblemNotice error={read.error} />
      {read.data && (
        <p>{left.length === 0 ? t("remove.unused") : t("remove.used", { count: left.length })}</p>
      )}
      {left.length > 0 && (
        <UsesList
          uses={left}
          onShow={(where) => {
            onShow(where);
            onClose();
          }}
        />
      )}
    </Confirm>
  );
}
