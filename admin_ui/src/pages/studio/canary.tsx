import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { ONCE } from "../../api/once";
import type { Canary } from "../../studio/canary";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { type InFlight, InFlightField } from "./in-flight";

/** What is offered first: contacts of a hundred. */
export const SHARE = 10;

export function ShareField({ share, onShare }: { share: number; onShare: (share: number) => void }) {
  const { t } = useTranslation("publishing");
  return (
    <Field label={t("canary.share")}>
      <Input
        type="number"
        min={1}
        max={99}
        required
        value={share || ""}
        onChange={(event) => onShare(Math.trunc(event.target.valueAsNumber) || 0)}
      />
    </Field>
  );
}

/** A version that is being tried: how its runs end beside those of the one that is published, and what comes of it. */
export function CanaryCard({ bot, canary, may }: { bot: string; canary: Canary; may: boolean }) {
  const { t } = useTranslation("publishing");
  const client = useQueryClient();
  const [share, setShare] = useState(canary.percent);
  const [asked, setAsked] = useState<"promote" | "abort">();
  const [way, setWay] = useState<InFlight>(null);
  const { version } = canary.canary;
  const params = { path: { name: bot }, header: ONCE };
  const read = () => client.invalidateQueries({ queryKey: ["drafts"] });
  const change = useMutation({
    mutationFn: () =>
      given(
        api.PATCH("/api/v1/bots/{name}/canary", {
          params: { path: { name: bot } },
          body: { percent: share },
        }),
      ),
    onSuccess(now) {
      toast.done(t("canary.changed", { percent: now.percent, version }));
      void read();
    },
  });
  const end = useMutation({
    meta: { shown: true },
    mutationFn: async (how: "promote" | "abort") => {
      if (how === "promote")
        await given(api.POST("/api/v1/bots/{name}/canary/promote", { params, body: { in_flight: way } }));
      else await given(api.POST("/api/v1/bots/{name}/canary/abort", { params, body: { in_flight: way } }));
    },
    onSuccess(_, how) {
      toast.done(how === "promote" ? t("publish.done", { version }) : t("canary.aborted"));
      setAsked(undefined);
      void read();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <section className="mb-3 space-y-3 rounded-lg border p-3 text-[13px]" aria-label={t("canary.title")}>
      <div>
        <h3 className="font-medium">{t("canary.tried", { version, percent: canary.percent })}</h3>
        <p className="text-muted-foreground text-xs">
          {t("canary.since")} <Time at={canary.started_at} />. {t("canary.counts")}
        </p>
      </div>
      <Rates canary={canary} />
      {may && (
        <form onSubmit={submit} className="grid items-end gap-2 sm:grid-cols-[1fr_auto]">
          <ShareField share={share} onShare={setShare} />
          <Button type="submit" busy={change.isPending} disabled={share === canary.percent}>
            {t("canary.change")}
          </Button>
        </form>
      )}
      {may && (
        <div className="flex flex-wrap gap-2">
          <Button size="sm" variant="primary" onClick={() => setAsked("promote")}>
            {t("canary.promote")}
          </Button>
          <Button size="sm" onClick={() => setAsked("abort")}>
            {t("canary.abort")}
          </Button>
        </div>
      )}
      {asked && (
        <Confirm
          open
          onOpenChange={() => {
            setAsked(undefined);
            end.reset();
          }}
          title={t(`canary.ask.${asked}`, { version })}
          act={t(`canary.${asked}`)}
          busy={end.isPending}
          error={end.error}
          onConfirm={() => end.mutate(asked)}
        >
          <p>{t(`canary.ask_detail.${asked}`, { version, base: canary.base.version })}</p>
          <InFlightField way={way} onWay={setWay} />
        </Confirm>
      )}
    </section>
  );
}

/** The canary that ended last: what came of it, and how conversations ended meanwhile. */
export function EndedCanary({ canary }: { canary: Canary }) {
  const { t } = useTranslation("publishing");
  const { version } = canary.canary;
  return (
    <details className="mb-3 rounded-lg border text-[13px]">
      <summary className="cursor-default px-3 py-2 marker:text-muted-foreground">
        <span className="text-muted-foreground">{t("canary.last")}</span>{" "}
        {canary.how && t(`canary.came.${canary.how}`, { version, percent: canary.percent })}
        {canary.ended_at && (
          <span className="text-muted-foreground">
            {" · "}
            {canary.ended_by && `${t("canary.by", { who: canary.ended_by })} · `}
            <Time at={canary.ended_at} />
          </span>
        )}
      </summary>
      <div className="space-y-3 px-3 pb-3">
        <p className="text-muted-foreground text-xs">
          {t("canary.since")} <Time at={canary.started_at} />. {t("canary.counted")}
        </p>
        <Rates canary={canary} />
      </div>
    </details>
  );
}

/** How the conversations of both versions end. */
function Rates({ canary }: { canary: Canary }) {
  const { t, i18n } = useTranslation("publishing");
  const part = (rate: number | null) =>
    rate === null
      ? ""
      : ` · ${rate.toLocaleString(i18n.language, { style: "percent", maximumFractionDigits: 1 })}`;
  return (
    <Table label={t("canary.rates")}>
      <Head>
        <tr>
          {(["version", "runs", "open", "completed", "failed"] as const).map((column) => (
            <Column key={column}>{t(`canary.column.${column}`)}</Column>
          ))}
        </tr>
      </Head>
      <Body>
        {[canary.canary, canary.base].map((rates) => (
          <Row key={rates.version}>
            <Cell className="whitespace-nowrap font-medium">
              {t("versions.one", { version: rates.version })}
            </Cell>
            <Cell className="tabular-nums">{rates.runs}</Cell>
            <Cell className="tabular-nums">{rates.open}</Cell>
            <Cell className="whitespace-nowrap tabular-nums">
              {rates.completed}
              {part(rates.completion_rate)}
            </Cell>
            <Cell className="whitespace-nowrap tabular-nums">
              {rates.failed}
              {part(rates.error_rate)}
            </Cell>
          </Row>
        ))}
      </Body>
    </Table>
  );
}

/** Asks how many contacts a version is tried with. */
export function StartCanary({
  bot,
  version,
  onClose,
}: {
  bot: string;
  version: number;
  onClose: () => void;
}) {
  const { t } = useTranslation("publishing");
  const client = useQueryClient();
  const [share, setShare] = useState(SHARE);
  const start = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      given(
        api.POST("/api/v1/bots/{name}/canary", {
          params: { path: { name: bot }, header: ONCE },
          body: { version, percent: share },
        }),
      ),
    onSuccess(now) {
      toast.done(t("canary.started", { version, percent: now.percent }));
      void client.invalidateQueries({ queryKey: ["drafts"] });
      onClose();
    },
  });
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t("canary.ask.start", { version })}
      act={t("canary.start")}
      busy={start.isPending}
      error={start.error}
      onConfirm={() => start.mutate()}
    >
      <p>{t("publish.share_hint")}</p>
      <ShareField share={share} onShare={setShare} />
    </Confirm>
  );
}
