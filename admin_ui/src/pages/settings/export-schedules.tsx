import { useQuery } from "@tanstack/react-query";
import { CalendarClock, Pencil } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Input, Select } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Checkbox, Switch } from "../../ui/switch";
import { Time } from "../../ui/time";
import { Editing } from "./editing";
import { BotField, type Format, FormatField, type What, WhatField } from "./export-fields";
import { Removing } from "./removing";
import { cronOf, plain, weekdayName } from "./schedule";
import { here, Retime, USUAL, WhenFields } from "./schedule-when";
import { Listed, useDo } from "./section";

type Schedule = Schemas["ScheduleOut"];
const KEY = ["export-schedules"];

/** Exports that are made again and again. */
export function Schedules() {
  const { t } = useTranslation("settings");
  const [makes, setMakes] = useState(false);
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-medium">{t("exports.schedules")}</h3>
        <Button size="sm" onClick={() => setMakes(true)}>
          <CalendarClock />
          {t("exports.schedule")}
        </Button>
      </div>
      <Listed
        of={KEY}
        read={(query, signal) => given(api.GET("/api/v1/export-schedules", { params: { query }, signal }))}
        empty={<p className="text-[13px] text-muted-foreground">{t("exports.no_schedules")}</p>}
      >
        {(rows) => (
          <ul className="divide-y rounded-lg border text-[13px]">
            {rows.map((row) => (
              <One key={row.name} row={row} />
            ))}
          </ul>
        )}
      </Listed>
      {makes && <Make onClose={() => setMakes(false)} />}
    </div>
  );
}

function One({ row }: { row: Schedule }) {
  const { t } = useTranslation("settings");
  const path = { schedule: row.name };
  const [moves, setMoves] = useState(false); // to another time
  const pause = useDo(
    (paused: boolean) =>
      given(api.PATCH("/api/v1/export-schedules/{schedule}", { params: { path }, body: { paused } })),
    { anew: KEY },
  );
  return (
    <li className="flex flex-wrap items-center gap-3 px-3 py-2">
      <div className="min-w-0 flex-1 max-sm:basis-full">
        <p className="break-words">
          {[row.name, t(`exports.whats.${row.what as What}`), row.number, row.bot, row.format.toUpperCase()]
            .filter(Boolean)
            .join(" · ")}
        </p>
        <p className="text-muted-foreground text-xs">
          <WhenWords cron={row.cron} /> ({row.zone})
          {!row.paused && (
            <>
              {" · "}
              {t("hooks.next")} <Time at={row.next_at} />
            </>
          )}
        </p>
      </div>
      {row.paused && <Badge tone="neutral">{t("exports.paused")}</Badge>}
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={t("exports.retime", { name: row.name })}
        title={t("exports.retime", { name: row.name })}
        onClick={() => setMoves(true)}
      >
        <Pencil />
      </Button>
      {moves && <Retime row={row} anew={KEY} onClose={() => setMoves(false)} />}
      <Switch
        aria-label={t("exports.on", { name: row.name })}
        checked={!row.paused}
        disabled={pause.isPending}
        onCheckedChange={(on) => pause.mutate(!on)}
      />
      <Removing
        title={t("exports.remove_title", { name: row.name })}
        detail={t("exports.remove_detail")}
        remove={() => given(api.DELETE("/api/v1/export-schedules/{schedule}", { params: { path } }))}
        anew={KEY}
      />
    </li>
  );
}

/** In plain words where it can be said so, else the line itself. */
function WhenWords({ cron }: { cron: string }) {
  const { t, i18n } = useTranslation("settings");
  const when = plain(cron);
  if (!when || when.each === "cron") return <code>{cron}</code>;
  const weekday = weekdayName(Number(when.weekday), i18n.language);
  return t(`exports.when.${when.each}`, { at: when.at, day: when.day, weekday });
}

function Make({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("settings");
  const typed = useKept("export-schedule", {
    name: "",
    what: "conversations" as What,
    format: "csv" as Format,
    number: "",
    bot: "",
    ...USUAL,
    zone: here(),
    new_only: true,
  });
  const is = typed.values;
  const numbers = useQuery({
    queryKey: ["numbers", "all"],
    queryFn: ({ signal }) => given(api.GET("/api/v1/numbers", { params: { query: { limit: 100 } }, signal })),
  });
  const save = useDo(
    () =>
      given(
        api.POST("/api/v1/export-schedules", {
          params: { header: ONCE },
          body: {
            name: is.name.trim(),
            what: is.what,
            format: is.format,
            number: is.what === "contacts" ? null : is.number || null,
            bot: is.what === "data" ? is.bot || null : null,
            cron: cronOf(is),
            zone: is.zone,
            new_only: is.new_only,
          },
        }),
      ),
    {
      anew: KEY,
      shown: true,
      onDone: () => {
        typed.saved();
        onClose();
      },
    },
  );
  return (
    <Editing
      title={t("exports.schedule")}
      description={t("exports.schedule_lead")}
      of={typed}
      save={save}
      fields={["name", "cron", "zone", "number", "bot"]}
      places={{ taken: "name", "cron.unfit": is.each === "cron" ? "cron" : "zone" }}
      onSend={() => save.mutate(undefined)}
      onClose={onClose}
    >
      {(fault) => (
        <>
          <Field
            label={t("exports.schedule_name")}
            hint={t("exports.schedule_name_hint")}
            error={fault("name")}
          >
            <Input
              required
              autoFocus
              maxLength={64}
              value={is.name}
              onChange={(event) => typed.set({ name: event.target.value })}
            />
          </Field>
          <div className="grid grid-cols-2 gap-3">
            <WhatField value={is.what} onChange={(what) => typed.set({ what })} />
            <FormatField value={is.format} onChange={(format) => typed.set({ format })} />
            {is.what !== "contacts" && (
              <Field label={t("exports.number")} error={fault("number")}>
                <Select value={is.number} onChange={(event) => typed.set({ number: event.target.value })}>
                  <option value="">{t("exports.all")}</option>
                  {numbers.data?.items.map((each) => (
                    <option key={each.name} value={each.name}>
                      {each.name}
                    </option>
                  ))}
                </Select>
              </Field>
            )}
            {is.what === "data" && (
              <BotField
                none={t("exports.all")}
                value={is.bot}
                onChange={(bot) => typed.set({ bot })}
                error={fault("bot")}
              />
            )}
          </div>
          <WhenFields is={is} set={typed.set} fault={fault} />
          <label htmlFor="new-only" className="flex items-center gap-2 text-[13px] pointer-coarse:py-1.5">
            <Checkbox
              id="new-only"
              checked={is.new_only}
              onChange={(event) => typed.set({ new_only: event.target.checked })}
            />
            {t("exports.new_only")}
          </label>
        </>
      )}
    </Editing>
  );
}
