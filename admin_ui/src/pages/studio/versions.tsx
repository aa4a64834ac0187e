import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, idempotencyKey, type Schemas } from "../../api/client";
import { useMay } from "../../api/session";
import type { Draft } from "../../studio/draft";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Dialog } from "../../ui/dialog";
import { Empty } from "../../ui/empty";
import { More } from "../../ui/more";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";

type Version = Schemas["VersionOut"];

/** Everything that was published or pushed: compare, take back into the draft, publish again. */
export function Versions({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const { t } = useTranslation("studio");
  const client = useQueryClient();
  const may = useMay("editor");
  const [compared, setCompared] = useState<[number, number]>();
  const [back, setBack] = useState<Version>();
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
  const publish = useMutation({
    meta: { shown: true },
    mutationFn: (version: number) =>
      given(
        api.POST("/api/v1/bots/{name}/rollback", {
          params: { path, header: { "Idempotency-Key": idempotencyKey() } },
          body: { version } as Schemas["RollbackIn"],
        }),
      ),
    onSuccess(told) {
      toast.done(t("publish.done", { version: told.version }));
      setBack(undefined);
      void client.invalidateQueries({ queryKey: ["drafts"] });
    },
  });
  const take = useMutation({
    mutationFn: (version: number) =>
      given(
        api.GET("/api/v1/bots/{name}/versions/{version}/files", { params: { path: { ...path, version } } }),
      ),
    onSuccess(files, version) {
      const gone = Object.keys(draft.now().files).filter((file) => !(file in files));
      const back = draft.edit({ ...files, ...Object.fromEntries(gone.map((file) => [file, undefined])) });
      toast.done(t("versions.taken", { version }), back);
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={onClose} title={t("versions.title")} place="side">
      {list.isPending && <Loading />}
      {list.isError && <ProblemNotice error={list.error} retry={() => list.refetch()} />}
      {list.isSuccess && rows.length === 0 && (
        <Empty icon={History} title={t("versions.none")}>
          {t("versions.none_detail")}
        </Empty>
      )}
      <ul className="divide-y text-[13px]">
        {rows.map((row, place) => {
          const before = rows[place + 1];
          return (
            <li key={row.version} className="space-y-1.5 py-3">
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{t("versions.one", { version: row.version })}</span>
                {row.current && <Badge tone="good">{t("versions.current")}</Badge>}
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
                {may && !row.current && (
                  <Button size="sm" onClick={() => setBack(row)}>
                    {t("versions.publish")}
                  </Button>
                )}
              </p>
              {compared?.[1] === row.version && <Compared bot={draft.bot} pair={compared} />}
            </li>
          );
        })}
      </ul>
      <More of={list} />
      <Confirm
        open={back !== undefined}
        onOpenChange={() => setBack(undefined)}
        title={t("versions.ask", { version: back?.version ?? 0 })}
        act={t("versions.publish")}
        busy={publish.isPending}
        error={publish.error}
        onConfirm={() => back && publish.mutate(back.version)}
      >
        <p>{t("versions.ask_detail")}</p>
      </Confirm>
    </Dialog>
  );
}

function Compared({ bot, pair: [version, other] }: { bot: string; pair: [number, number] }) {
  const { t } = useTranslation("studio");
  const diff = useQuery({
    queryKey: ["version-diff", bot, version, other],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      given(
        api.GET("/api/v1/bots/{name}/versions/{version}/diff/{other}", {
          params: { path: { name: bot, version, other } },
          signal,
        }),
      ),
  });
  if (diff.isPending) return <Loading lines={2} />;
  if (diff.isError) return <ProblemNotice error={diff.error} retry={() => diff.refetch()} />;
  const told = diff.data;
  return (
    <div className="space-y-2">
      <ul className="list-disc pl-4">
        {told.flows_added.map((flow) => (
          <li key={`+${flow}`}>{t("versions.flow_added", { flow })}</li>
        ))}
        {told.flows_removed.map((flow) => (
          <li key={`-${flow}`}>{t("versions.flow_removed", { flow })}</li>
        ))}
        {told.steps.map((each) => (
          <li key={each.flow}>
            <code>{each.flow}</code>:{" "}
            {[
              ...(each.added ?? []).map((step) => `+ ${step}`),
              ...(each.removed ?? []).map((step) => `− ${step}`),
              ...Object.keys(each.changed ?? {}).map((step) => `~ ${step}`),
            ].join(", ")}
          </li>
        ))}
      </ul>
      {told.files.map((file) => (
        <details key={file.path}>
          <summary className="cursor-pointer font-mono text-xs">
            {file.path} · {t(`versions.how.${file.how as "changed"}`)}
          </summary>
          <pre className="max-h-96 overflow-auto rounded-md border bg-muted/40 p-2 text-xs">
            {(file.diff ?? "").split("\n").map((line, place) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: a comparison never changes
                key={place}
                className={
                  line.startsWith("+")
                    ? "block text-success"
                    : line.startsWith("-")
                      ? "block text-destructive"
                      : "block"
                }
              >
                {line || " "}
              </span>
            ))}
          </pre>
        </details>
      ))}
    </div>
  );
}
