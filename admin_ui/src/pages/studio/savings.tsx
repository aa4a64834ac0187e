import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import type { Draft, Files } from "../../studio/draft";
import { Button } from "../../ui/button";
import { More } from "../../ui/more";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { Difference } from "./difference";

/** The draft becomes these files, in one act that can be undone. */
export function becomes(draft: Draft, files: Files): () => void {
  const gone = Object.keys(draft.now().files).filter((file) => !(file in files));
  return draft.edit({ ...files, ...Object.fromEntries(gone.map((file) => [file, undefined])) });
}

/** Back to what is published, or to what the draft was at an earlier saving. */
export function Savings({
  draft,
  published,
  onClose,
}: {
  draft: Draft;
  published: number | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("publishing");
  const [open, setOpen] = useState(false);
  const path = { name: draft.bot };
  const discard = useMutation({
    mutationFn: (version: number) =>
      given(
        api.GET("/api/v1/bots/{name}/versions/{version}/files", { params: { path: { ...path, version } } }),
      ),
    onSuccess(files, version) {
      toast.done(t("savings.discarded", { version }), becomes(draft, files));
      onClose();
    },
  });
  return (
    <section aria-label={t("savings.title")} className="space-y-2 text-[13px]">
      <h3 className="font-medium">{t("savings.title")}</h3>
      <p className="text-muted-foreground">{t("savings.lead")}</p>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t("savings.show")}
        </Button>
        {draft.editable && published !== undefined && (
          <Button size="sm" busy={discard.isPending} onClick={() => discard.mutate(published)}>
            {t("savings.discard", { version: published })}
          </Button>
        )}
      </div>
      {open && <List draft={draft} onClose={onClose} />}
    </section>
  );
}

function List({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const { t } = useTranslation("publishing");
  const [compared, setCompared] = useState<number>();
  const path = { name: draft.bot };
  const list = useInfiniteQuery({
    queryKey: ["drafts", draft.bot, "savings"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      given(
        api.GET("/api/v1/bots/{name}/draft/savings", {
          params: { path, query: { limit: 20, ...(pageParam ? { after: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const take = useMutation({
    mutationFn: (row: Schemas["SavingOut"]) =>
      given(
        api.GET("/api/v1/bots/{name}/draft/savings/{saving}/files", {
          params: { path: { ...path, saving: row.number } },
        }),
      ),
    onSuccess(files) {
      toast.done(t("savings.taken"), becomes(draft, files));
      onClose();
    },
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="rounded-md border px-3">
      {list.isPending && <Loading lines={2} />}
      <ProblemNotice error={list.error} retry={() => list.refetch()} />
      {list.isSuccess && rows.length === 0 && <p className="py-2">{t("savings.none")}</p>}
      <ul className="divide-y">
        {rows.map((row, place) => (
          <li key={row.number} className="space-y-1.5 py-2">
            <div className="flex flex-wrap items-center gap-2">
              <Time at={row.at} />
              <span className="min-w-0 flex-1 truncate text-muted-foreground text-xs">{row.by}</span>
              {place === 0 ? (
                <span className="text-muted-foreground text-xs">{t("savings.now")}</span>
              ) : (
                <>
                  <Button
                    size="sm"
                    aria-expanded={compared === row.number}
                    onClick={() => setCompared(compared === row.number ? undefined : row.number)}
                  >
                    {t("savings.since")}
                  </Button>
                  {draft.editable && (
                    <Button size="sm" busy={take.isPending} onClick={() => take.mutate(row)}>
                      {t("savings.take")}
                    </Button>
                  )}
                </>
              )}
            </div>
            {compared === row.number && <Since draft={draft} saving={row.number} />}
          </li>
        ))}
      </ul>
      <More of={list} />
    </div>
  );
}

function Since({ draft, saving }: { draft: Draft; saving: number }) {
  const diff = useQuery({
    queryKey: ["drafts", draft.bot, "since", saving],
    queryFn: ({ signal }) =>
      given(
        api.GET("/api/v1/bots/{name}/draft/savings/{saving}/diff", {
          params: { path: { name: draft.bot, saving } },
          signal,
        }),
      ),
  });
  if (diff.isPending) return <Loading lines={2} />;
  if (diff.isError) return <ProblemNotice error={diff.error} retry={() => diff.refetch()} />;
  return <Difference told={diff.data} />;
}
