import type { QueryKey } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { Field } from "../../ui/field";
import { Input, Select } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Editing } from "./editing";
import { cronOf, EACH, type Each, plain, type When, weekdayName } from "./schedule";
import { useDo } from "./section";

type Zoned = When & { zone: string };

const WEEK = [1, 2, 3, 4, 5, 6, 0];
const LAST_DAY = 28; // in every month
export const USUAL: When = { each: "day", weekday: "1", day: "1", at: "06:00", cron: "0 6 * * 1-5" };

export const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** When it comes again, in plain words or as a cron line. */
export function WhenFields({
  is,
  set,
  fault,
}: {
  is: Zoned;
  set: (some: Partial<Zoned>) => void;
  fault: (at: string) => string | undefined;
}) {
  const { t, i18n } = useTranslation("settings");
  const zones = [...new Set(["UTC", here(), is.zone, ...Intl.supportedValuesOf("timeZone")])];
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field label={t("exports.each")}>
        <Select value={is.each} onChange={(event) => set({ each: event.target.value as Each })}>
          {EACH.map((each) => (
            <option key={each} value={each}>
              {t(`exports.eachs.${each}`)}
            </option>
          ))}
        </Select>
      </Field>
      {is.each === "week" && (
        <Field label={t("exports.weekday")}>
          <Select value={is.weekday} onChange={(event) => set({ weekday: event.target.value })}>
            {WEEK.map((each) => (
              <option key={each} value={each}>
                {weekdayName(each, i18n.language)}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {is.each === "month" && (
        <Field label={t("exports.day_of_month")}>
          <Select value={is.day} onChange={(event) => set({ day: event.target.value })}>
            {Array.from({ length: LAST_DAY }, (_, at) => String(at + 1)).map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {is.each !== "cron" && (
        <Field label={t("exports.at")}>
          <Input required type="time" value={is.at} onChange={(event) => set({ at: event.target.value })} />
        </Field>
      )}
      {is.each === "cron" && (
        <Field
          label={t("exports.cron")}
          hint={t("exports.cron_hint")}
          error={fault("cron")}
          className="col-span-2"
        >
          <Input
            required
            maxLength={100}
            spellCheck={false}
            className="font-mono"
            value={is.cron}
            onChange={(event) => set({ cron: event.target.value })}
          />
        </Field>
      )}
      <Field label={t("exports.zone")} error={fault("zone")} className="col-span-2">
        <Select value={is.zone} onChange={(event) => set({ zone: event.target.value })}>
          {zones.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </Select>
      </Field>
    </div>
  );
}

/** Another time for a schedule. */
export function Retime({
  row,
  anew,
  onClose,
}: {
  row: Schemas["ScheduleOut"];
  anew: QueryKey;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const said = plain(row.cron);
  const typed = useKept<Zoned>(`export-schedule.${row.name}`, {
    each: said?.each ?? "cron",
    weekday: said?.weekday || USUAL.weekday,
    day: said?.day || USUAL.day,
    at: said?.at ?? USUAL.at,
    cron: row.cron,
    zone: row.zone,
  });
  const is = typed.values;
  const save = useDo(
    () =>
      given(
        api.PATCH("/api/v1/export-schedules/{schedule}", {
          params: { path: { schedule: row.name }, header: { "if-match": `"${row.etag}"` } },
          body: { cron: cronOf(is), zone: is.zone },
        }),
      ),
    {
      anew,
      shown: true,
      onDone: () => {
        typed.saved();
        onClose();
      },
    },
  );
  return (
    <Editing
      title={t("exports.retime", { name: row.name })}
      description={t("exports.retime_lead")}
      of={typed}
      labels={{
        each: t("exports.each"),
        weekday: t("exports.weekday"),
        day: t("exports.day_of_month"),
        at: t("exports.at"),
        cron: t("exports.cron"),
        zone: t("exports.zone"),
      }}
      save={save}
      fields={["cron", "zone"]}
      places={{ "cron.unfit": is.each === "cron" ? "cron" : "zone" }}
      onSend={() => save.mutate(undefined)}
      onClose={onClose}
    >
      {(fault) => <WhenFields is={is} set={typed.set} fault={fault} />}
    </Editing>
  );
}
