import { useQuery } from "@tanstack/react-query";
import { FileDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { Badge, type Tone } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Form } from "../../ui/form";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Moment, Time } from "../../ui/time";
import { BotField, type Format, FormatField, type What, WhatField } from "./export-fields";
import { Schedules } from "./export-schedules";
import { Removing } from "./removing";
import { Listed, Section, useDo } from "./section";

type Export = Schemas["ExportOut"];
type Typed = { what: What; format: Format; bot: string; since: string };
const KEY = ["jobs", "exports"];
const TONES: Record<Export["state"], Tone> = {
  waiting: "neutral",
  running: "info",
  done: "good",
  failed: "bad",
  cancelled: "neutral",
};
const LOOK_MS = 2_000;

export function Exports() {
  const { t } = useTranslation("settings");
  return (
    <Section place="exports" needs="admin">
      <Start />
      <Listed
        of={KEY}
        read={(query, signal) => given(api.GET("/api/v1/exports", { params: { query }, signal }))}
        empty={
          <Empty icon={FileDown} title={t("exports.none")}>
            {t("exports.none_detail")}
          </Empty>
        }
      >
        {(rows) => (
          <ul className="divide-y rounded-lg border text-[13px]">
            {rows.map((row) => (
              <One key={row.id} listed={row} />
            ))}
          </ul>
        )}
      </Listed>
      <Schedules />
    </Section>
  );
}

function Start() {
  const { t } = useTranslation("settings");
  const typed = useKept<Typed>("export", { what: "conversations", format: "csv", bot: "", since: "" });
  const { what, format, bot, since } = typed.values;
  const start = useDo(
    () =>
      given(
        api.POST("/api/v1/exports", {
          params: { header: ONCE },
          body: {
            what,
            format,
            bot: what === "data" ? bot : null,
            since: since === "" ? null : new Date(`${since}T00:00:00`).toISOString(),
          } as Schemas["ExportIn"],
        }),
      ),
    { anew: ["jobs"], shown: true, onDone: () => typed.saved() },
  );
  return (
    <Form
      of={typed}
      error={start.error}
      fields={["bot", "since"]}
      onSend={() => start.mutate(undefined)}
      className="space-y-2"
    >
      {(fault) => (
        <div className="flex flex-wrap items-end gap-2 max-sm:grid max-sm:grid-cols-2 max-sm:gap-3">
          <WhatField value={what} onChange={(what) => typed.set({ what })} className="sm:w-40" />
          {what === "data" && (
            <BotField
              required
              value={bot}
              onChange={(bot) => typed.set({ bot })}
              error={fault("bot")}
              className="sm:w-40"
            />
          )}
          <FormatField value={format} onChange={(format) => typed.set({ format })} className="sm:w-28" />
          <Field label={t("exports.since")} error={fault("since")} className="sm:w-36">
            <Input type="date" value={since} onChange={(event) => typed.set({ since: event.target.value })} />
          </Field>
          <Button type="submit" variant="primary" className="max-sm:col-span-2" busy={start.isPending}>
            {t("exports.start")}
          </Button>
        </div>
      )}
    </Form>
  );
}

/** One export; while it runs it is looked at again and again. */
function One({ listed }: { listed: Export }) {
  const { t, i18n } = useTranslation("settings");
  const path = { export: listed.id };
  const under = listed.state === "waiting" || listed.state === "running";
  const seen = useQuery<Export>({
    queryKey: ["jobs", "export", listed.id],
    enabled: under,
    refetchInterval: ({ state }) =>
      state.data && state.data.state !== "waiting" && state.data.state !== "running" ? false : LOOK_MS,
    queryFn: ({ signal }) => given(api.GET("/api/v1/exports/{export}", { params: { path }, signal })),
  });
  const row = seen.data && under ? seen.data : listed;
  const cancel = useDo(
    () => given(api.POST("/api/v1/jobs/{job}/cancel", { params: { path: { job: row.id } } })),
    { anew: ["jobs"] },
  );
  const fetchFile = useDo(() => given(api.POST("/api/v1/exports/{export}/link", { params: { path } })), {
    onDone: ({ url }) => {
      location.assign(url);
    },
  });
  const named = [t(`exports.whats.${row.what as What}`), row.number, row.bot, row.format.toUpperCase()]
    .filter(Boolean)
    .join(" · ");
  const runs = row.state === "waiting" || row.state === "running";
  return (
    <li className="flex flex-wrap items-center gap-3 px-3 py-2">
      <div className="min-w-0 flex-1 max-sm:basis-full">
        <p>{named}</p>
        <p className="text-muted-foreground text-xs">
          {row.made_by} · <Time at={row.made_at} />
          {row.file_until && row.state === "done" && (
            <>
              {" · "}
              {t("exports.kept_until")} <Moment at={row.file_until} />
            </>
          )}
        </p>
        {row.state === "running" && (
          <progress
            aria-label={t("exports.progress")}
            className="h-1.5 w-full accent-primary"
            value={row.total ? row.progress : undefined}
            max={row.total ?? 1}
          />
        )}
        {row.error && <p className="break-words text-destructive text-xs">{row.error}</p>}
      </div>
      <Badge tone={TONES[row.state]}>
        {t(`exports.state.${row.state}`)}
        {row.state === "running" && row.total
          ? ` ${Math.round((100 * row.progress) / row.total).toLocaleString(i18n.language)} %`
          : ""}
      </Badge>
      {row.state === "done" && row.file_until && (
        <Button size="sm" busy={fetchFile.isPending} onClick={() => fetchFile.mutate(undefined)}>
          {t("exports.download")}
        </Button>
      )}
      {runs ? (
        <Button size="sm" busy={cancel.isPending} onClick={() => cancel.mutate(undefined)}>
          {t("exports.cancel")}
        </Button>
      ) : (
        <Removing
          title={t("exports.file_title", { what: named })}
          detail={t(row.file_until ? "exports.file_detail" : "exports.entry_detail")}
          remove={() => given(api.DELETE("/api/v1/exports/{export}", { params: { path } }))}
          anew={["jobs"]}
        />
      )}
    </li>
  );
}
