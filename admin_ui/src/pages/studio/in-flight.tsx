import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Field } from "../../ui/field";
import { Select } from "../../ui/input";

/** What becomes of open runs; null: what the bot itself says. */
export type InFlight = "pin" | "restart" | "migrate" | null;
const WAYS: InFlight[] = [null, "pin", "migrate", "restart"];

export function InFlightField({ way, onWay }: { way: InFlight; onWay: (way: InFlight) => void }) {
  const { t } = useTranslation("publishing");
  return (
    <Field label={t("in_flight.label")} hint={t(`in_flight.hint.${way ?? "default"}`)}>
      <Select value={way ?? ""} onChange={(event) => onWay((event.target.value || null) as InFlight)}>
        {WAYS.map((each) => (
          <option key={each} value={each ?? ""}>
            {t(`in_flight.way.${each ?? "default"}`)}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** How many runs are open, and what happens to them. */
export function Runs({ told }: { told: Schemas["PublishedOut"] }) {
  const { t } = useTranslation("publishing");
  const open = told.open_runs.reduce((sum, each) => sum + each.runs, 0);
  return (
    <div className="space-y-1 rounded-md border p-3 text-[13px]">
      <p className="font-medium">{open === 0 ? t("in_flight.none") : t("in_flight.runs", { count: open })}</p>
      {told.migrated > 0 && <p>{t("in_flight.migrated", { count: told.migrated })}</p>}
      {told.restarted > 0 && <p>{t("in_flight.restarted", { count: told.restarted })}</p>}
      {told.staying.map((each) => (
        <p key={`${each.version}:${each.code}:${each.flow}:${each.step}`} className="text-muted-foreground">
          {t("in_flight.staying", { count: each.runs, version: each.version })} {each.reason}
        </p>
      ))}
    </div>
  );
}
