import { Link } from "@tanstack/react-router";
import { Bot } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Moment, Time } from "../../ui/time";
import { ChannelIcon, useChannelName } from "./channel";
import { StateBadge, stateOf, useWhy } from "./health";
import type { Figures, Num } from "./queries";

/** One number at a glance. The whole card leads to it. */
export function NumberCard({ number, figures }: { number: Num; figures: Figures | undefined }) {
  const { t } = useTranslation("numbers");
  const channel = useChannelName();
  const why = useWhy();
  const state = stateOf(number);
  return (
    <li className="relative flex flex-col gap-3 rounded-lg border bg-card p-4 transition-colors hover:border-primary/40">
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="truncate font-semibold">
            <Link
              to="/numbers/$number"
              params={{ number: number.name }}
              className="after:absolute after:inset-0 after:rounded-lg"
            >
              {number.name}
            </Link>
          </h2>
          <p className="flex items-center gap-1.5 text-muted-foreground text-xs">
            <ChannelIcon channel={number.channel} className="size-3.5" />
            {channel(number.channel)}
            {number.channel === "cloud_api" && <span className="truncate font-mono">{number.account}</span>}
          </p>
        </div>
        <StateBadge state={state} />
      </div>
      <p className="line-clamp-2 min-h-8 text-muted-foreground text-xs">
        {state === "online" ? (
          <>
            {t("since")} <Moment at={number.state_since} />
          </>
        ) : (
          <>
            {why(number)} · <Time at={number.state_since} />
          </>
        )}
      </p>
      <p className="flex items-center gap-1.5 text-[13px]">
        <Bot aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        <BotAt number={number} />
      </p>
      <dl className="flex gap-4 border-t pt-3 text-xs tabular-nums">
        <Figure name={t("figure.received")} value={figures?.received} />
        <Figure name={t("figure.sent")} value={figures?.sent} />
        <Figure name={t("figure.waiting")} value={figures?.waiting} />
        {(figures?.dead_letters ?? 0) > 0 && (
          <Figure name={t("figure.dead")} value={figures?.dead_letters} bad />
        )}
      </dl>
    </li>
  );
}

/** Which bot answers, and at which version. */
export function BotAt({ number }: { number: Num }) {
  const { t } = useTranslation("numbers");
  if (number.bot === null) return <span className="text-muted-foreground">{t("no_bot")}</span>;
  return (
    <span className="min-w-0 truncate">
      {number.bot}{" "}
      <span className="text-muted-foreground">
        {number.version === null
          ? t("latest", { version: number.published_version ?? "–" })
          : t("pinned", { version: number.version })}
      </span>
    </span>
  );
}

function Figure({ name, value, bad }: { name: string; value: number | undefined; bad?: boolean }) {
  const { i18n } = useTranslation();
  return (
    <div>
      <dt className="text-muted-foreground">{name}</dt>
      <dd className={bad ? "font-medium text-destructive" : "font-medium"}>
        {value === undefined ? "–" : new Intl.NumberFormat(i18n.language).format(value)}
      </dd>
    </div>
  );
}
