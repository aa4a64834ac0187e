import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Bot } from "lucide-react";
import { useEffect, useEffectEvent, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { useLive } from "../../api/live";
import { Problem } from "../../api/problems";
import { useMay, useMe, useSession } from "../../api/session";
import { useTitle } from "../../frame/title";
import { type Draft, openDraft } from "../../studio/draft";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Studio } from "./studio";

const route = getRouteApi("/frame/bots/$bot");

/** Reads the draft once; from then on the studio keeps it. */
export function StudioPage() {
  const { t } = useTranslation("studio");
  const { bot } = route.useParams();
  useTitle(bot);
  const editable = useMay("editor");
  const read = useQuery({
    queryKey: ["draft-opened", bot],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: ({ signal }) =>
      given(api.GET("/api/v1/bots/{name}/draft", { params: { path: { name: bot } }, signal })),
  });
  const [draft, setDraft] = useState<Draft>();
  const data = read.data;
  const me = useMe().id;
  const open = useEffectEvent(() => (data ? openDraft(bot, data, editable, me) : undefined));
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it is opened with; read anew it is taken in below
  useEffect(() => {
    const opened = open();
    setDraft(opened);
    return () => {
      opened?.close();
      setDraft(undefined);
    };
  }, [bot, me, editable, data === undefined]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: all queries are read anew when changes may have been missed
  useEffect(() => void draft?.refresh(), [data]);
  const signedIn = useSession().state === "in";
  useEffect(() => {
    if (signedIn) draft?.retry();
  }, [signedIn, draft]);
  if (read.error instanceof Problem && read.error.status === 404)
    return (
      <Empty
        icon={Bot}
        title={t("missing.title", { bot })}
        className="m-6"
        actions={
          <Button asChild>
            <Link to="/bots">{t("missing.act")}</Link>
          </Button>
        }
      >
        {t("missing.detail")}
      </Empty>
    );
  if (read.isError) return <ProblemNotice error={read.error} retry={() => read.refetch()} className="m-6" />;
  if (!draft) return <Loading className="p-6" />;
  return <Opened draft={draft} />;
}

function Opened({ draft }: { draft: Draft }) {
  const now = useSyncExternalStore(draft.subscribe, draft.now);
  useLive("drafts", (change) => {
    if (change.bot === draft.bot && change.kind === "saved") void draft.refresh();
  });
  const check = useQuery<Schemas["CheckOut"]>({
    queryKey: ["draft-check", draft.bot, now.revision],
    placeholderData: (before) => before,
    queryFn: ({ signal }) =>
      given(
        api.POST("/api/v1/bots/{name}/draft/check", {
          params: { path: { name: draft.bot } },
          signal,
        }),
      ),
  });
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (draft.now().saving.state !== "saved") event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [draft]);
  return <Studio draft={draft} now={now} check={check.data} checkError={check.error} />;
}
