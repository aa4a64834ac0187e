import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, idempotencyKey, type Schemas } from "../../api/client";
import type { Draft } from "../../studio/draft";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Input, Select } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { toast } from "../../ui/toast";

export type InFlight = "" | "pin" | "restart" | "migrate";
const WAYS: InFlight[] = ["", "pin", "migrate", "restart"];

type Props = { draft: Draft; errors: number; warnings: number; onClose: () => void };

/** What publishing would do, tried without doing it; then the deed, which can be undone. */
export function Publish({ draft, errors, warnings, onClose }: Props) {
  const { t } = useTranslation("studio");
  const client = useQueryClient();
  const [message, setMessage] = useState("");
  const [way, setWay] = useState<InFlight>("");
  const path = { name: draft.bot };
  const ask = (dry_run: boolean) =>
    given(
      api.POST("/api/v1/bots/{name}/draft/publish", {
        params: { path, header: { "Idempotency-Key": idempotencyKey() } },
        body: {
          message: message.trim(),
          in_flight: way === "" ? null : way,
          dry_run,
        } as Schemas["PublishDraftIn"],
      }),
    );
  const trial = useQuery({
    queryKey: ["publish-trial", draft.bot, way],
    enabled: errors === 0,
    staleTime: 0,
    gcTime: 0,
    retry: false,
    placeholderData: (before) => before,
    queryFn: async () => {
      await draft.flush();
      return ask(true);
    },
  });
  const numbers = useQuery({
    queryKey: ["numbers", "all"],
    queryFn: ({ signal }) => given(api.GET("/api/v1/numbers", { params: { query: { limit: 100 } }, signal })),
  });
  const back = async (version: number | null) => {
    await given(
      api.POST("/api/v1/bots/{name}/rollback", {
        params: { path, header: { "Idempotency-Key": idempotencyKey() } },
        body: { version } as Schemas["RollbackIn"],
      }),
    );
    void client.invalidateQueries({ queryKey: ["drafts"] });
    toast.done(t("publish.undone"));
  };
  const publish = useMutation({
    meta: { shown: true },
    mutationFn: async () => {
      await draft.flush();
      return ask(false);
    },
    onSuccess(made) {
      void client.invalidateQueries({ queryKey: ["drafts"] });
      const said = t("publish.done", { version: made.version });
      if (made.before === null) toast.done(said);
      else toast.done(said, () => void back(made.before));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  const served = numbers.data?.items.filter((number) => number.bot === draft.bot) ?? [];
  return (
    <Dialog open onOpenChange={onClose} title={t("publish.title")} description={t("publish.lead")}>
      <form onSubmit={submit} className="space-y-4">
        {errors > 0 && <Notice kind="problem">{t("publish.errors", { count: errors })}</Notice>}
        {errors === 0 && warnings > 0 && (
          <Notice kind="warning">{t("publish.warnings", { count: warnings })}</Notice>
        )}
        <p className="text-[13px]">
          {served.length === 0
            ? t("publish.no_numbers")
            : t("publish.numbers", { numbers: served.map((number) => number.name).join(", ") })}
        </p>
        <Field label={t("publish.message")} hint={t("publish.message_hint")}>
          <Input
            autoFocus
            value={message}
            maxLength={500}
            onChange={(event) => setMessage(event.target.value)}
          />
        </Field>
        <Field label={t("publish.in_flight")} hint={t(`publish.way_hint.${way === "" ? "default" : way}`)}>
          <Select value={way} onChange={(event) => setWay(event.target.value as InFlight)}>
            {WAYS.map((each) => (
              <option key={each} value={each}>
                {t(`publish.way.${each === "" ? "default" : each}`)}
              </option>
            ))}
          </Select>
        </Field>
        {trial.isPending && errors === 0 && <Loading lines={2} />}
        <ProblemNotice error={errors === 0 ? trial.error : null} retry={() => trial.refetch()} />
        {trial.data && <Runs told={trial.data} />}
        <ProblemNotice error={publish.error} />
        <Button
          type="submit"
          variant="primary"
          busy={publish.isPending}
          disabled={errors > 0 || !trial.isSuccess}
        >
          {t("publish.act")}
        </Button>
      </form>
    </Dialog>
  );
}

export function Runs({ told }: { told: Schemas["PublishedOut"] }) {
  const { t } = useTranslation("studio");
  const open = told.open_runs.reduce((sum, each) => sum + each.runs, 0);
  return (
    <div className="space-y-1 rounded-md border p-3 text-[13px]">
      <p className="font-medium">{open === 0 ? t("publish.no_runs") : t("publish.runs", { count: open })}</p>
      {told.migrated > 0 && <p>{t("publish.migrated", { count: told.migrated })}</p>}
      {told.restarted > 0 && <p>{t("publish.restarted", { count: told.restarted })}</p>}
      {told.staying.map((each) => (
        <p key={`${each.version}:${each.code}:${each.flow}:${each.step}`} className="text-muted-foreground">
          {t("publish.staying", { count: each.runs, version: each.version })} {each.reason}
        </p>
      ))}
    </div>
  );
}
