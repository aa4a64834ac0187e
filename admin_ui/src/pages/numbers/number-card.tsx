import { Link } from "@tanstack/react-router";
import { Bot } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Moment, Time } from "../../ui/time";
import { locale } from "../../ui/when";
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
          <h2 className="line-clamp-2 break-words font-semibold">
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
      <div className="text-muted-foreground text-xs">
        {state === "online" ? (
          <p>
            {t("since")} <Moment at={number.state_since} />
          </p>
        ) : (
          <>
            <p className="line-clamp-2">{why(number)}</p>
            <p>
              {t("state_since")} <Moment at={number.state_since} />
            </p>
          </>
        )}
      </div>
      <p className="flex items-center gap-1.5 text-[13px]">
        <Bot aria-hidden className="size-4 shrink-0 text-muted-foreground" />
        <BotAt number={number} />
      </p>
      {figures?.policy && <Today policy={figures.policy} />}
      <dl className="mt-auto flex flex-wrap justify-between gap-x-3 gap-y-2 border-t pt-3 text-xs tabular-nums">
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

/** What the send policy leaves of today: whom the number may write to first, and when it keeps quiet. */
export function Today({ policy }: { policy: NonNullable<Figures["policy"]> }) {
  const { t, i18n } = useTranslation("numbers");
  const refuses = policy.first_messages === "refuse";
  const warming = !refuses && policy.warm_up_day < policy.warm_up_days;
  return (
    <div className="space-y-0.5 text-muted-foreground text-xs">
      <p className="flex flex-wrap gap-x-1.5">
        <span>
          {refuses
            ? t("today.replies_only")
            : t("today.new", { spent: policy.spent, most: policy.new_contacts })}
        </span>
        {warming && (
          <span>· {t("today.warming", { day: policy.warm_up_day + 1, days: policy.warm_up_days })}</span>
        )}
      </p>
      {policy.held_until ? (
        <p className="text-warning">
          {t("today.held")} <Time at={policy.held_until} />
        </p>
      ) : (
        !refuses && (
          <p>
            {t("today.renews")} <Moment at={policy.renews_at} />
          </p>
        )
      )}
      {policy.quiet_hours !== "off" && (
        <p>
          {t("today.quiet", { hours: hoursOf(policy.quiet_hours, i18n.language), zone: policy.timezone })}
        </p>
      )}
    </div>
  );
}

/** "21:00-08:00" as the language writes it. */
function hoursOf(quiet: string, language: string): string {
  const shown = new Intl.DateTimeFormat(locale(language), {
    hour: "numeric",
    minute: "2-digit",
    timeZone: "UTC",
  });
  return quiet
    .split("-")
    .map((each) => shown.format(new Date(`1970-01-01T${each}:00Z`)))
    .join(" – ");
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
