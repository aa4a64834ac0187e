import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Card, Section } from "../../ui/card";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { locale } from "../../ui/when";
import { everyHour } from "./every-hour";

const WIDTH = 24 * 20;
const HEIGHT = 96;

/** Messages by hour, as bars and as a table. */
export function Hours({ overview }: { overview: Schemas["OverviewOut"] }) {
  const { t, i18n } = useTranslation("home");
  const hours = everyHour(overview.hours, new Date());
  const most = Math.max(1, ...hours.map((each) => Math.max(each.received, each.sent)));
  const hour = new Intl.DateTimeFormat(locale(i18n.language), { hour: "2-digit", minute: "2-digit" });
  const count = new Intl.NumberFormat(i18n.language);
  const received = hours.reduce((all, each) => all + each.received, 0);
  const sent = hours.reduce((all, each) => all + each.sent, 0);
  return (
    <Section title={t("hours")}>
      <Card className="space-y-2 p-4">
        {received + sent === 0 ? (
          <p className="py-6 text-center text-muted-foreground">{t("quiet")}</p>
        ) : (
          <>
            <p className="flex gap-4 text-xs">
              <Key colour="bg-primary">{t("in")}</Key>
              <Key colour="bg-primary/35">{t("out")}</Key>
              <span className="ml-auto text-muted-foreground tabular-nums">max {count.format(most)}</span>
            </p>
            <svg
              viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
              preserveAspectRatio="none"
              role="img"
              aria-label={t("chart", { received: count.format(received), sent: count.format(sent) })}
              className="h-28 w-full"
            >
              {hours.map((each, index) => (
                <g key={each.at.toISOString()}>
                  <title>{`${hour.format(each.at)}: ${t("in")} ${each.received}, ${t("out")} ${each.sent}`}</title>
                  <rect x={index * 20} width={20} height={HEIGHT} className="fill-transparent" />
                  <Bar x={index * 20 + 2} share={each.received / most} className="fill-primary" />
                  <Bar x={index * 20 + 10.5} share={each.sent / most} className="fill-primary/35" />
                </g>
              ))}
            </svg>
            <p className="flex justify-between text-muted-foreground text-xs tabular-nums" aria-hidden="true">
              {[0, 6, 12, 18, 23].map((index) => {
                const at = hours[index]?.at;
                return <span key={index}>{at ? hour.format(at) : ""}</span>;
              })}
            </p>
          </>
        )}
        {received + sent > 0 && (
          <details>
            <summary className="cursor-pointer text-muted-foreground text-xs">{t("hours_table")}</summary>
            <div className="pt-2">
              <Table label={t("hours")}>
                <Head>
                  <tr>
                    <Column>{t("hour")}</Column>
                    <Column>{t("in")}</Column>
                    <Column>{t("out")}</Column>
                    <Column>{t("failed")}</Column>
                  </tr>
                </Head>
                <Body>
                  {hours
                    .filter((each) => each.received + each.sent + each.failed > 0)
                    .map((each) => (
                      <Row key={each.at.toISOString()}>
                        <Cell>{hour.format(each.at)}</Cell>
                        <Cell className="tabular-nums">{count.format(each.received)}</Cell>
                        <Cell className="tabular-nums">{count.format(each.sent)}</Cell>
                        <Cell className="tabular-nums">{count.format(each.failed)}</Cell>
                      </Row>
                    ))}
                </Body>
              </Table>
            </div>
          </details>
        )}
      </Card>
    </Section>
  );
}

function Key({ colour, children }: { colour: string; children: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className={`size-2.5 rounded-sm ${colour}`} />
      {children}
    </span>
  );
}

function Bar({ x, share, className }: { x: number; share: number; className: string }) {
  const height = share === 0 ? 0 : Math.max(2, share * HEIGHT);
  return <rect x={x} y={HEIGHT - height} width={7.5} height={height} rx={1.5} className={className} />;
}
