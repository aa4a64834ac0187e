import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import type { Draft } from "../../studio/draft";
import { NAME, renamed, spansOf } from "../../studio/rename";
import { SpliceRefused } from "../../studio/splice";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Checkbox } from "../../ui/switch";
import { toast } from "../../ui/toast";

type Use = Schemas["UseOut"];
/** What is renamed; `to`: what was typed already. */
export type Renaming = Pick<Schemas["NamedOut"], "kind" | "of" | "name"> & { to?: string };

/** All places that name something, as they are and as they will be; then it is one act. */
export function Rename({
  draft,
  renaming,
  onClose,
  onDone,
}: {
  draft: Draft;
  renaming: Renaming;
  onClose: () => void;
  onDone: (to: string) => void;
}) {
  const { t } = useTranslation(["whole-bot", "frame"]);
  const { kind, of, name } = renaming;
  const [to, setTo] = useState(renaming.to ?? name);
  const [also, setAlso] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<unknown>();
  const read = useQuery({
    queryKey: ["draft-names", draft.bot, kind, of],
    gcTime: 0,
    retry: false,
    async queryFn({ signal }) {
      if (!(await draft.flush())) throw new SpliceRefused(t("rename.unsaved"));
      return given(
        api.GET("/api/v1/bots/{name}/draft/names", {
          params: { path: { name: draft.bot }, query: { kind, of } },
          signal,
        }),
      );
    },
  });
  const uses = read.data?.names.find((each) => each.name === name)?.uses ?? [];
  const id = (use: Use) => `${use.file}${use.pointer}${use.key}`;
  const chosen = uses.filter((use) => use.sure || also.has(id(use)));
  const taken = to !== name && (read.data?.names.some((each) => each.name === to) ?? false);
  const wrong = taken ? t("rename.taken") : NAME.test(to) ? undefined : t("rename.hint");
  const rename = () => {
    try {
      const undo = draft.edit(
        renamed(draft.now().files, chosen, to, kind === "flow" ? { from: name } : undefined),
      );
      toast.done(t("rename.done", { name, to, count: chosen.length }), undo);
      onDone(to);
      onClose();
    } catch (error) {
      if (!(error instanceof SpliceRefused)) throw error;
      setRefused(error);
    }
  };
  const files = [...new Set(uses.map((use) => use.file))];
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("rename.title", { kind: t(`rename.kind.${kind}`), name })}
      description={t("rename.detail")}
      className="max-w-3xl"
      footer={
        <>
          <Button onClick={onClose}>{t("frame:action.cancel")}</Button>
          <Button
            variant="primary"
            disabled={!read.data || to === name || wrong !== undefined || chosen.length === 0}
            onClick={rename}
          >
            {t("rename.act", { count: chosen.length })}
          </Button>
        </>
      }
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (read.data && to !== name && wrong === undefined && chosen.length > 0) rename();
        }}
      >
        <Field label={t("rename.to")} error={wrong}>
          <Input
            autoFocus
            value={to}
            spellCheck={false}
            autoComplete="off"
            className="font-mono"
            onChange={(event) => setTo(event.target.value.trim())}
          />
        </Field>
        {read.isPending && <Loading />}
        <ProblemNotice error={read.error} retry={() => void read.refetch()} />
        {refused instanceof Error && (
          <Notice kind="problem" title={t("rename.refused")}>
            {refused.message}
          </Notice>
        )}
        {(read.data?.unread.length ?? 0) > 0 && (
          <Notice kind="warning" title={t("rename.unread")}>
            {read.data?.unread.join(", ")}
          </Notice>
        )}
        {files.map((file) => (
          <section key={file} aria-label={file}>
            <h3 className="mb-1 font-medium text-[13px]">{file}</h3>
            <ul className="divide-y rounded-md border text-[13px]">
              {uses
                .filter((use) => use.file === file)
                .sort((one, other) => one.line - other.line || one.column - other.column)
                .map((use) => (
                  <li key={id(use)} className="flex gap-3 px-3 py-1.5">
                    <span className="w-8 shrink-0 text-right text-muted-foreground tabular-nums">
                      {use.line}
                    </span>
                    <code className="min-w-0 flex-1 whitespace-pre-wrap break-words text-xs leading-5">
                      <Changed use={use} to={wrong === undefined ? to : name} />
                    </code>
                    {use.sure ? (
                      <span className="shrink-0 text-muted-foreground text-xs">{t(`how.${use.how}`)}</span>
                    ) : (
                      <label
                        htmlFor={`also-${id(use)}`}
                        className="flex shrink-0 items-center gap-1.5 text-xs"
                      >
                        <Checkbox
                          id={`also-${id(use)}`}
                          checked={also.has(id(use))}
                          onChange={(event) => {
                            const next = new Set(also);
                            if (event.target.checked) next.add(id(use));
                            else next.delete(id(use));
                            setAlso(next);
                          }}
                        />
                        <Badge tone="warning">{t("rename.unsure")}</Badge>
                      </label>
                    )}
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </form>
    </Dialog>
  );
}

/** What stands at a place, with the name as it was and as it will be. */
function Changed({ use, to }: { use: Use; to: string }) {
  const spans = spansOf(use).sort(([one], [other]) => one - other);
  return spans.map(([from, until], place) => {
    const before = use.text.slice(spans[place - 1]?.[1] ?? 0, from);
    const name = use.text.slice(from, until);
    return (
      <span key={from}>
        {before}
        {to === name ? (
          <mark className="bg-transparent font-semibold text-foreground">{name}</mark>
        ) : (
          <>
            <del className="text-destructive">{name}</del>
            <ins className="text-success no-underline">{to}</ins>
          </>
        )}
        {place === spans.length - 1 && use.text.slice(until)}
      </span>
    );
  });
}
