import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { Problem } from "../../api/problems";
import { act } from "../../api/queries";
import { canaryQuery } from "../../studio/canary";
import type { Draft, Now } from "../../studio/draft";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Input, Select } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { SHARE, ShareField } from "./canary";
import { Difference } from "./difference";
import { type InFlight, InFlightField, Runs } from "./in-flight";
import { Replay } from "./replay";

type Wish = { message: string; way: InFlight /** Null: everybody gets it. */; share: number | null };
const NOTHING: Wish = { message: "", way: null, share: null };

type Props = {
  draft: Draft;
  now: Now;
  errors: number;
  warnings: number;
  onClose: () => void;
  onTests: () => void;
};

/** What publishing would do, tried without doing it; then the deed, which can be undone. */
export function Publish({ draft, now, errors, warnings, onClose, onTests }: Props) {
  const { t } = useTranslation(["publishing", "frame"]);
  const form = useId();
  const client = useQueryClient();
  const wish = useKept(`publish.${draft.bot}`, NOTHING);
  const { message, way } = wish.values;
  const path = { name: draft.bot };
  const ask = (dry_run: boolean, tag: string) => {
    const body = { message: message.trim(), in_flight: way, dry_run };
    return given(
      api.POST("/api/v1/bots/{name}/draft/publish", {
        params: {
          path,
          header: {
            "if-match": `"${tag}"`,
            ...(dry_run ? {} : ONCE),
          },
        },
        body,
      }),
    );
  };
  const trial = useQuery({
    queryKey: ["publish-trial", draft.bot, way, now.revision],
    enabled: errors === 0,
    networkMode: "always",
    staleTime: 0,
    gcTime: 0,
    retry: false,
    placeholderData: (before) => before,
    queryFn: async () => {
      const tag = await draft.settled();
      return tag === undefined ? null : { tag, told: await ask(true, tag) };
    },
  });
  const changes = useQuery<Schemas["DraftDiffOut"]>({
    queryKey: ["draft-diff", draft.bot, now.revision],
    networkMode: "always",
    staleTime: 0,
    gcTime: 0,
    placeholderData: (before) => before,
    queryFn: async ({ signal }) => {
      await draft.flush();
      return given(api.GET("/api/v1/bots/{name}/draft/diff", { params: { path }, signal }));
    },
  });
  const numbers = useQuery({
    queryKey: ["numbers", "all"],
    queryFn: ({ signal }) => given(api.GET("/api/v1/numbers", { params: { query: { limit: 100 } }, signal })),
  });
  const canary = useQuery(canaryQuery(draft.bot));
  const tried = canary.data?.state === "open" ? canary.data : undefined;
  const first = trial.data?.told.before === null;
  const share = tried || first ? null : wish.values.share;

  const back = async (version: number | null) => {
    await given(
      api.POST("/api/v1/bots/{name}/rollback", {
        params: { path, header: ONCE },
        body: { version } as Schemas["RollbackIn"],
      }),
    );
    void client.invalidateQueries({ queryKey: ["drafts"] });
    toast.done(t("publish.undone"));
  };
  const abort = async () => {
    await given(
      api.POST("/api/v1/bots/{name}/canary/abort", {
        params: { path, header: ONCE },
      }),
    );
    void client.invalidateQueries({ queryKey: ["drafts"] });
    toast.done(t("canary.aborted"));
  };
  /** The files that were looked at, as a version that some contacts get. */
  const tryOut = async (percent: number) => {
    const files = draft.now().files;
    const { version } = await given(
      api.PUT("/api/v1/bots/{name}", { params: { path }, body: { files, message: message.trim() } }),
    );
    await given(
      api.POST("/api/v1/bots/{name}/canary", {
        params: { path, header: ONCE },
        body: { version, percent },
      }),
    );
    toast.done(t("canary.started", { version, percent }), () => act(abort));
  };
  const publish = useMutation({
    meta: { shown: true },
    /** False: the draft is not any more what was looked at. */
    mutationFn: async (tag: string) => {
      if ((await draft.settled()) !== tag) return false;
      if (share !== null) {
        await tryOut(share);
        return true;
      }
      try {
        const made = await ask(false, tag);
        const said = t("publish.done", { version: made.version });
        if (made.before === null || made.before === made.version) toast.done(said);
        else toast.done(said, () => act(() => back(made.before)));
        return true;
      } catch (error) {
        if (error instanceof Problem && error.status === 412) return false;
        throw error;
      }
    },
    onSuccess(done) {
      if (!done) {
        void draft.refresh();
        void trial.refetch();
        return;
      }
      wish.saved();
      void client.invalidateQueries({ queryKey: ["drafts"] });
      onClose();
    },
  });
  const ready = trial.isSuccess && !trial.isPlaceholderData && errors === 0 ? trial.data : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) publish.mutate(ready.tag);
  };
  const served = numbers.data?.items.filter((number) => number.bot === draft.bot).map(({ name }) => name);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      place="side"
      title={t("publish.title")}
      description={t("publish.lead")}
      footer={
        <>
          <Button onClick={onClose}>{t("frame:action.cancel")}</Button>
          <Button type="submit" form={form} variant="primary" busy={publish.isPending} disabled={!ready}>
            {t(share === null ? "publish.act" : "canary.start")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="space-y-4">
        {errors > 0 && <Notice kind="problem">{t("publish.errors", { count: errors })}</Notice>}
        {errors === 0 && warnings > 0 && (
          <Notice kind="warning">{t("publish.warnings", { count: warnings })}</Notice>
        )}
        <section className="space-y-1 text-[13px]" aria-label={t("difference.title")}>
          <h3 className="font-medium">{t("difference.title")}</h3>
          {changes.isPending && <Loading lines={2} />}
          <ProblemNotice error={changes.error} retry={() => changes.refetch()} />
          {changes.data && <Difference told={changes.data} />}
          {changes.data && changes.data.authors.length > 0 && (
            <ul aria-label={t("publish.authors")} className="text-muted-foreground text-xs">
              {changes.data.authors.map((one) => (
                <li key={one.name} className="break-words">
                  {t("publish.author", { name: one.name, files: one.files.join(", ") })}{" "}
                  <Time at={one.last} />
                </li>
              ))}
            </ul>
          )}
        </section>
        {served && (
          <p className="text-[13px]">
            {served.length === 0
              ? t("publish.no_numbers")
              : t("publish.numbers", { numbers: served.join(", ") })}
          </p>
        )}
        <Field label={t("publish.message")} hint={t("publish.message_hint")}>
          <Input
            autoFocus
            value={message}
            maxLength={500}
            onChange={(event) => wish.set({ message: event.target.value })}
          />
        </Field>
        {!first && (
          <Field
            label={t("publish.who")}
            hint={
              tried
                ? t("publish.tried", { version: tried.canary.version, percent: tried.percent })
                : share === null
                  ? t("publish.everybody_hint")
                  : t("publish.share_hint")
            }
          >
            <Select
              value={share === null ? "everybody" : "share"}
              onChange={(event) => wish.set({ share: event.target.value === "share" ? SHARE : null })}
            >
              <option value="everybody">{t("publish.everybody")}</option>
              <option value="share" disabled={tried !== undefined}>
                {t("publish.share")}
              </option>
            </Select>
          </Field>
        )}
        {share !== null && <ShareField share={share} onShare={(share) => wish.set({ share })} />}
        {share === null && <InFlightField way={way} onWay={(way) => wish.set({ way })} />}
        {trial.isPending && errors === 0 && <Loading lines={2} />}
        <ProblemNotice error={errors === 0 ? trial.error : null} retry={() => trial.refetch()}>
          {trial.error instanceof Problem && trial.error.code === "bots.tests_failing" && (
            <Button size="sm" onClick={onTests}>
              {t("publish.tests")}
            </Button>
          )}
        </ProblemNotice>
        {trial.data === null && (
          <Notice kind="warning">
            <p>{t("publish.unsaved")}</p>
          </Notice>
        )}
        {share === null && trial.data && <Runs told={trial.data.told} />}
        {errors === 0 && served && served.length > 0 && !first && <Replay draft={draft} numbers={served} />}
        {publish.data === false && <Notice kind="warning">{t("publish.changed")}</Notice>}
        <ProblemNotice error={publish.error} />
      </form>
    </Dialog>
  );
}
