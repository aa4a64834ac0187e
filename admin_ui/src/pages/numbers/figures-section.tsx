import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/session";
import { Section } from "../../ui/card";
import { type Num, overviewQuery } from "./queries";

/** The last 24 hours of one number; each figure leads to its list. */
export function FiguresSection({ number }: { number: Num }) {
  const { t, i18n } = useTranslation("numbers");
  const mayRead = useMay("agent");
  const overview = useQuery(overviewQuery);
  const figures = overview.data?.numbers.find((each) => each.number === number.id);
  const shown = new Intl.NumberFormat(i18n.language);
  const talks = { to: "/conversations", search: { number: number.name } } as const;
  const all = [
    { key: "received", value: figures?.received, ...talks },
    { key: "sent", value: figures?.sent, ...talks },
    {
      key: "open",
      value: figures?.running,
      to: talks.to,
      search: { number: number.name, status: "running" },
    },
    {
      key: "handed_off",
      value: figures?.handed_off,
      to: talks.to,
      search: { number: number.name, status: "handed_off" },
    },
    { key: "waiting", value: figures?.waiting, ...talks },
    { key: "dead", value: figures?.dead_letters, to: "/dead-letters", search: { number: number.name } },
  ] as const;
  return (
    <Section title={t("figures")}>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-border sm:grid-cols-3">
        {all.map(({ key, value, to, search }) => (
          <div key={key} className="relative bg-card px-3 py-2.5 hover:bg-accent/40">
            <dt className="text-muted-foreground text-xs">
              {mayRead ? (
                <Link to={to} search={search} className="after:absolute after:inset-0">
                  {t(`figure.${key}`)}
                </Link>
              ) : (
                t(`figure.${key}`)
              )}
            </dt>
            <dd
              className={`font-semibold text-lg tabular-nums ${key === "dead" && (value ?? 0) > 0 ? "text-destructive" : ""}`}
            >
              {value === undefined ? "–" : shown.format(value)}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
