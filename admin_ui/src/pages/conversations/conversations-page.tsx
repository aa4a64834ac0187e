import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { MessagesSquare, Smartphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/session";
import { useTitle } from "../../frame/title";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Empty } from "../../ui/empty";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Page } from "../../ui/page";
import { Loading } from "../../ui/skeleton";
import { List } from "./list";
import { numbersQuery } from "./queries";
import { Thread } from "./thread";

const route = getRouteApi("/frame/conversations");

/** The list at the left, the conversation at the right; on a phone one or the other. */
export function ConversationsPage() {
  const { t } = useTranslation("conversations");
  useTitle(t("title"));
  const { number: named, status, open, of, at, q } = route.useSearch();
  const may = useMay("agent");
  const numbers = useQuery(numbersQuery);
  if (!may)
    return (
      <Page title={t("title")}>
        <Notice>{t("locked_list")}</Notice>
      </Page>
    );
  if (numbers.isPending) return <Loading className="px-4 py-5 sm:px-6" />;
  if (numbers.isError)
    return (
      <div className="px-4 py-5 sm:px-6">
        <ProblemNotice error={numbers.error} retry={() => numbers.refetch()} />
      </div>
    );
  const all = numbers.data.items;
  const find = (name: string | undefined) => all.find((each) => each.id === name || each.name === name);
  const number = find(named) ?? (all.length === 1 ? all[0] : undefined);
  const opened = number ?? find(of);
  if (all.length === 0)
    return (
      <div className="px-4 py-5 sm:px-6">
        <h1 className="sr-only">{t("title")}</h1>
        <Empty
          icon={Smartphone}
          title={t("no_numbers.title")}
          actions={
            <Button asChild variant="primary">
              <Link to="/numbers">{t("no_numbers.go")}</Link>
            </Button>
          }
        >
          {t("no_numbers.detail")}
        </Empty>
      </div>
    );
  return (
    <div className="flex h-full min-h-0">
      <h1 className="sr-only">{t("title")}</h1>
      <div className={cn("w-full min-w-0 shrink-0 md:w-80 md:border-r", open && "max-md:hidden")}>
        <List numbers={all} number={number} status={status} open={open} q={q} at={at} />
      </div>
      <div className={cn("min-w-0 flex-1", !open && "max-md:hidden")}>
        {open && opened ? (
          <Thread key={open} number={opened} conversation={open} at={at} />
        ) : (
          <div className="grid h-full place-items-center p-6">
            <Empty icon={MessagesSquare} title={t("choose.title")} className="border-0">
              {t("choose.detail")}
            </Empty>
          </div>
        )}
      </div>
    </div>
  );
}
