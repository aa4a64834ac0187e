import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Dot } from "../../ui/badge";
import { Section } from "../../ui/card";
import { More } from "../../ui/more";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Moment, Time } from "../../ui/time";
import { type State, stateOf, toneOf } from "./health";
import { type Num, sessionQuery, statesQuery } from "./queries";
import { wordsOf } from "./why";

/** How the number fared, the latest first; of a linked one also what its session holds. */
export function HealthSection({ number, links }: { number: Num; links: boolean }) {
  const { t, i18n } = useTranslation("numbers");
  const states = useInfiniteQuery(statesQuery(number.name));
  const session = useQuery({ ...sessionQuery(number.name), enabled: links });
  const rows = states.data?.pages.flatMap((page) => page.items);
  // What a person wants and what then is make two rows: who reads sees one change.
  const all = rows?.filter((each, place) => {
    const older = rows[place + 1];
    return older === undefined || shown(each) !== shown(older) || each.why !== older.why;
  });
  return (
    <Section title={t("health.title")} description={t("health.detail")}>
      {links && session.data && (
        <dl className="grid grid-cols-[minmax(0,auto)_1fr] gap-x-4 gap-y-1 rounded-lg border bg-card px-4 py-3 text-[13px]">
          <dt className="text-muted-foreground">{t("session.account")}</dt>
          <dd>{session.data.account === "" ? t("session.none") : `+${session.data.account}`}</dd>
          {session.data.since !== null && (
            <>
              <dt className="text-muted-foreground">{t("session.since")}</dt>
              <dd>
                <Time at={session.data.since} />
              </dd>
            </>
          )}
          <dt className="text-muted-foreground">{t("session.spool")}</dt>
          <dd className="tabular-nums">
            {new Intl.NumberFormat(i18n.language).format(session.data.spool_depth)}
          </dd>
        </dl>
      )}
      {states.isError && <ProblemNotice error={states.error} retry={() => states.refetch()} />}
      {states.isPending && <Loading lines={4} />}
      {all?.length === 0 && <p className="text-muted-foreground">{t("health.empty")}</p>}
      {all && all.length > 0 && (
        <ol className="ml-1 space-y-3 border-l pl-4">
          {all.map((each) => {
            const state = shown(each);
            const why = wordsOf(each);
            return (
              <li key={`${each.at} ${each.state} ${each.desired}`} className="relative">
                <Dot
                  tone={toneOf(state)}
                  className="-left-[1.31rem] absolute top-1.5 ring-2 ring-background"
                />
                <p className="flex flex-wrap items-baseline justify-between gap-x-3">
                  <span className="font-medium text-[13px]">{t(`state.${state}.name`)}</span>
                  <Moment at={each.at} className="text-muted-foreground text-xs tabular-nums" />
                </p>
                {each.why !== "" && (
                  <p lang={why.lang} className="break-words text-muted-foreground text-xs">
                    {why.text}
                  </p>
                )}
              </li>
            );
          })}
        </ol>
      )}
      <More of={states} />
    </Section>
  );
}

function shown(each: Pick<Num, "desired" | "state">): State {
  return each.desired === "removed" ? "stopped" : stateOf(each);
}
