import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus, Smartphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMe } from "../../api/session";
import { Button } from "../../ui/button";
import { Section } from "../../ui/card";
import { Empty } from "../../ui/empty";
import { ProblemNotice } from "../../ui/notice";
import { Page } from "../../ui/page";
import { Loading, Skeleton } from "../../ui/skeleton";
import { NumberCard } from "../numbers/number-card";
import { numbersQuery, overviewQuery } from "../numbers/queries";
import { FiguresRow } from "./figures-row";
import { Hours } from "./hours";

const MOST_NUMBERS = 6;

/** How things stand: figures that lead to their lists, and the numbers' health. */
export function HomePage() {
  const { t } = useTranslation(["home", "numbers"]);
  const me = useMe();
  const mayAdd = useMay("admin");
  const overview = useQuery(overviewQuery);
  const numbers = useInfiniteQuery(numbersQuery);
  const all = numbers.data?.pages[0]?.items ?? [];
  const figures = new Map(overview.data?.numbers.map((each) => [each.number, each]));
  // What needs a look comes first.
  const sorted = [...all].sort((a, b) => Number(a.state === "online") - Number(b.state === "online"));
  return (
    <Page title={t("title")} description={t("hello", { name: me.name })}>
      {overview.isError && <ProblemNotice error={overview.error} retry={() => overview.refetch()} />}
      {overview.isPending && <Skeleton className="h-32" />}
      {overview.data && (
        <>
          <FiguresRow overview={overview.data} />
          <Hours overview={overview.data} />
        </>
      )}
      <Section
        title={t("numbers")}
        actions={
          all.length > 0 && (
            <Button asChild size="sm">
              <Link to="/numbers">{t("all_numbers")}</Link>
            </Button>
          )
        }
      >
        {numbers.isError && <ProblemNotice error={numbers.error} retry={() => numbers.refetch()} />}
        {numbers.isPending && <Loading lines={2} />}
        {numbers.isSuccess && all.length === 0 && (
          <Empty
            icon={Smartphone}
            title={t("begin.title")}
            actions={
              <>
                {mayAdd && (
                  <Button asChild variant="primary">
                    <Link to="/numbers/new">
                      <Plus aria-hidden />
                      {t("numbers:add")}
                    </Link>
                  </Button>
                )}
                <Button asChild>
                  <Link to="/bots">{t("begin.bots")}</Link>
                </Button>
              </>
            }
          >
            {t("begin.detail")}
          </Empty>
        )}
        <ul className="grid grid-cols-1 gap-3 md:grid-cols-2 xl:grid-cols-3">
          {sorted.slice(0, MOST_NUMBERS).map((each) => (
            <NumberCard key={each.id} number={each} figures={figures.get(each.id)} />
          ))}
        </ul>
      </Section>
    </Page>
  );
}
