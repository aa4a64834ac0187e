import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { act } from "../../api/queries";
import { useMay } from "../../api/session";
import { canaryQuery } from "../../studio/canary";
import type { Draft } from "../../studio/draft";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Confirm } from "../../ui/confirm";
import { Dialog } from "../../ui/dialog";
import { Empty } from "../../ui/empty";
import { More } from "../../ui/more";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { CanaryCard, EndedCanary, StartCanary } from "./canary";
import { Compare, Compared, type Pair } from "./compare";
import { type InFlight, InFlightField, Runs } from "./in-flight";
import { becomes, Savings } from "./savings";

const WATCH_MS = 10_000; // how often a canary's figures are read

/** Everything that was published or pushed: compare, try, take back into the draft, publish again. */
export function Versions({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const { t } = useTranslation("publishing");
  const may = useMay("editor");
  const [compared, setCompared] = useState<Pair>();
  const [back, setBack] = useState<number>();
  const [tries, setTries] = useState<number>();
  const path = { name: draft.bot };
  const list = useInfiniteQuery({
    queryKey: ["drafts", draft.bot, "versions"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      given(
        api.GET("/api/v1/bots/{name}/versions", {
          params: { path, query: { limit: 30, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const current = rows.find((row) => row.current)?.version;
  const canary = useQuery({ ...canaryQuery(draft.bot), refetchInterval: WATCH_MS });
  const tried = canary.data?.state === "open" ? canary.data : undefined;
  const take = useMutation({
    mutationFn: (version: number) =>
      given(
        api.GET("/api/v1/bots/{name}/versions/{version}/files", { params: { path: { ...path, version } } }),
      ),
    onSuccess(files, version) {
      toast.done(t("versions.taken", { version }), becomes(draft, files));
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={onClose} title={t("versions.title")} place="side">
      {list.isPending && <Loading />}
      {list.isError && <ProblemNotice error={list.error} retry={() => list.refetch()} />}
      <ProblemNotice error={canary.error} retry={() => canary.refetch()} />
      {tried && <CanaryCard key={tried.percent} bot={draft.bot} canary={tried} may={may} />}
      {canary.data?.state === "ended" && <EndedCanary canary={canary.data} />}
      {list.isSuccess && rows.length === 0 && (
        <Empty icon={History} title={t("versions.none")} className="mb-4">
          {t("versions.none_detail")}
        </Empty>
      )}
      {list.isSuccess && (
        <div className={cn("space-y-4 pb-4", rows.length > 0 && "border-b")}>
          <Savings draft={draft} published={current} onClose={onClose} />
          <Compare draft={draft} versions={rows.map((row) => row.version)} />
        </div>
      )}
      <ul className="divide-y text-[13px]">
        {rows.map((row, place) => {
          const before = rows[place + 1];
          return (
            <li key={row.version} className="space-y-1.5 py-3">
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{t("versions.one", { version: row.version })}</span>
                {row.current && <Badge tone="good">{t("versions.current")}</Badge>}
                {tried?.canary.version === row.version && (
                  <Badge tone="accent">{t("canary.badge", { percent: tried.percent })}</Badge>
                )}
                <Time at={row.published_at ?? row.created_at} className="text-muted-foreground text-xs" />
              </p>
              {row.message && <p className="break-words">{row.message}</p>}
              <p className="flex flex-wrap gap-2">
                {before && (
                  <Button size="sm" onClick={() => setCompared([before.version, row.version])}>
                    {t("versions.compare", { version: before.version })}
                  </Button>
                )}
                {may && (
                  <Button size="sm" busy={take.isPending} onClick={() => take.mutate(row.version)}>
                    {t("versions.take")}
                  </Button>
                )}
                {may && !row.current && current !== undefined && !tried && (
                  <Button size="sm" onClick={() => setTries(row.version)}>
                    {t("canary.try")}
                  </Button>
                )}
                {may && !row.current && tried?.canary.version !== row.version && (
                  <Button size="sm" onClick={() => setBack(row.version)}>
                    {row.published_at ? t("versions.publish") : t("versions.publish_first")}
                  </Button>
                )}
              </p>
              {compared?.[1] === row.version && <Compared draft={draft} pair={compared} />}
            </li>
          );
        })}
      </ul>
      <More of={list} />
      {tries !== undefined && (
        <StartCanary bot={draft.bot} version={tries} onClose={() => setTries(undefined)} />
      )}
      {back !== undefined && (
        <PublishAgain
          bot={draft.bot}
          version={back}
          tried={tried !== undefined}
          onClose={() => setBack(undefined)}
          onDone={onClose}
        />
      )}
    </Dialog>
  );
}

/** A version that is there already becomes what new conversations get; what becomes of the others is said first. */
function PublishAgain({
  bot,
  version,
  tried,
  onClose,
  onDone,
}: {
  bot: string;
  version: number;
  tried: boolean;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation("publishing");
  const client = useQueryClient();
  const [way, setWay] = useState<InFlight>(null);
  const ask = (dry_run: boolean, to = version) =>
    given(
      api.POST("/api/v1/bots/{name}/rollback", {
        params: { path: { name: bot }, header: dry_run ? {} : ONCE },
        body: { version: to, in_flight: way, dry_run } as Schemas["RollbackIn"],
      }),
    );
  const trial = useQuery({
    queryKey: ["rollback-trial", bot, version, way],
    staleTime: 0,
    gcTime: 0,
    retry: false,
    placeholderData: (before) => before,
    queryFn: () => ask(true),
  });
  const publish = useMutation({
    meta: { shown: true },
    mutationFn: () => ask(false),
    onSuccess(told) {
      const { before } = told;
      const undo = async () => {
        await ask(false, before ?? undefined);
        toast.done(t("publish.undone"));
        void client.invalidateQueries({ queryKey: ["drafts"] });
      };
      toast.done(t("publish.done", { version }), before === null ? undefined : () => act(undo));
      void client.invalidateQueries({ queryKey: ["drafts"] });
      onDone(); // what can take it back stands on the page
    },
  });
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t("versions.ask", { version })}
      act={t("versions.publish")}
      busy={publish.isPending || trial.isPending}
      error={publish.error ?? trial.error}
      onConfirm={() => publish.mutate()}
    >
      <p>{t("versions.ask_detail")}</p>
      {tried && <p>{t("versions.ends_canary")}</p>}
      <InFlightField way={way} onWay={setWay} />
      {trial.data && <Runs told={trial.data} />}
    </Confirm>
  );
}
