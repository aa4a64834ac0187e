import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { useMay } from "../../api/session";
import { Section } from "../../ui/card";
import { cn } from "../../ui/cn";
import { span } from "../../ui/when";

/** The workspace's figures, each a link to what it counts. */
export function FiguresRow({ overview }: { overview: Schemas["OverviewOut"] }) {
  const { t, i18n } = useTranslation("home");
  const mayRead = useMay("agent");
  const count = new Intl.NumberFormat(i18n.language);
  const sum = (of: (each: Schemas["NumberFigures"]) => number) =>
    overview.numbers.reduce((all, each) => all + of(each), 0);
  const dead = sum((each) => each.dead_letters);
  const failed = sum((each) => each.failed);
  const all = [
    { key: "received", value: count.format(sum((each) => each.received)), to: "/conversations" },
    { key: "sent", value: count.format(sum((each) => each.sent)), to: "/conversations" },
    {
      key: "reply",
      value: overview.reply_s === null ? "–" : span(overview.reply_s, i18n.language),
      to: "/conversations",
    },
    {
      key: "open",
      value: count.format(sum((each) => each.running)),
      to: "/conversations",
      status: "running",
    },
    {
      key: "handed_off",
      value: count.format(sum((each) => each.handed_off)),
      to: "/conversations",
      status: "handed_off",
    },
    {
      key: "failed",
      value: count.format(failed),
      to: "/conversations",
      status: "failed",
      bad: failed > 0,
    },
    { key: "dead", value: count.format(dead), to: "/dead-letters", bad: dead > 0 },
  ] as const;
  return (
    <Section title={t("figures")} description={overview.more ? t("more") : undefined}>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-border sm:grid-cols-4 xl:grid-cols-7">
        {all.map((each) => (
          <div
            key={each.key}
            className="relative flex flex-col bg-card px-4 py-3 last:max-sm:col-span-2 hover:bg-accent/40 sm:last:max-xl:col-span-2"
          >
            <dt className="text-muted-foreground text-xs">
              {mayRead ? (
                <Link
                  to={each.to}
                  search={"status" in each ? { status: each.status } : {}}
                  className="after:absolute after:inset-0"
                >
                  {t(`figure.${each.key}`)}
                </Link>
              ) : (
                t(`figure.${each.key}`)
              )}
            </dt>
            <dd
              className={cn(
                "font-semibold text-2xl tabular-nums",
                "bad" in each && each.bad && "text-destructive",
              )}
            >
              {each.value}
            </dd>
            <dd className="text-muted-foreground text-xs">{t(`hint.${each.key}`)}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
