import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus, Smartphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/session";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { More } from "../../ui/more";
import { ProblemNotice } from "../../ui/notice";
import { Page } from "../../ui/page";
import { Loading } from "../../ui/skeleton";
import { NumberCard } from "./number-card";
import { numbersQuery, overviewQuery } from "./queries";

export function NumbersPage() {
  const { t } = useTranslation(["numbers", "frame"]);
  const mayAdd = useMay("admin");
  const numbers = useInfiniteQuery(numbersQuery);
  const overview = useQuery(overviewQuery);
  const all = numbers.data?.pages.flatMap((page) => page.items);
  const figures = new Map(overview.data?.numbers.map((each) => [each.number, each]));
  const add = mayAdd && (
    <Button asChild variant="primary">
      <Link to="/numbers/new">
        <Plus aria-hidden />
        {t("add")}
      </Link>
    </Button>
  );
  return (
    <Page title={t("title")} actions={all?.length !== 0 && add}>
      {numbers.isError && <ProblemNotice error={numbers.error} retry={() => numbers.refetch()} />}
      {numbers.isPending && <Loading lines={3} />}
      {all?.length === 0 && (
        <Empty icon={Smartphone} title={t("empty.title")} actions={add}>
          {mayAdd ? t("empty.detail") : t("frame:locked.admin")}
        </Empty>
      )}
      {all && all.length > 0 && (
        <ul className="grid grid-cols-1 gap-3 md:grid-cols-2 xl:grid-cols-3">
          {all.map((each) => (
            <NumberCard key={each.id} number={each} figures={figures.get(each.id)} />
          ))}
        </ul>
      )}
      <More of={numbers} />
    </Page>
  );
}
