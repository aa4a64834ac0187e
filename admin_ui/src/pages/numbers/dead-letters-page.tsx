import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { MailCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { ONCE } from "../../api/once";
import { useMay } from "../../api/session";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Select } from "../../ui/input";
import { More } from "../../ui/more";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Page } from "../../ui/page";
import { Loading } from "../../ui/skeleton";
import { Checkbox } from "../../ui/switch";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { numbersQuery } from "./queries";

const route = getRouteApi("/frame/dead-letters");

/** Messages whose last try failed: why, and sending them again. */
export function DeadLettersPage() {
  const { t } = useTranslation(["numbers", "frame"]);
  const { number } = route.useSearch();
  const navigate = useNavigate();
  const mayRead = useMay("agent");
  const numbers = useInfiniteQuery(numbersQuery);
  const known = new Map(
    numbers.data?.pages.flatMap((page) => page.items).map((each) => [each.id, each.name]),
  );
  if (!mayRead)
    return (
      <Page title={t("dead.title")}>
        <Notice>{t("frame:locked.agent")}</Notice>
      </Page>
    );
  return (
    <Page
      title={t("dead.title")}
      description={t("dead.detail")}
      actions={
        <Select
          aria-label={t("dead.of")}
          value={number ?? ""}
          onChange={(event) =>
            navigate({ to: "/dead-letters", search: { number: event.target.value || undefined } })
          }
        >
          <option value="">{t("dead.all")}</option>
          {[...known.values()].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      }
    >
      <Letters key={number ?? ""} number={number} known={known} />
    </Page>
  );
}

function Letters({ number, known }: { number: string | undefined; known: Map<string, string> }) {
  const { t } = useTranslation("numbers");
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const letters = useInfiniteQuery({
    queryKey: ["conversations", "dead", number ?? ""],
    queryFn: ({ pageParam, signal }) =>
      given(
        api.GET("/api/v1/dead-letters", {
          params: { query: { limit: 50, after: pageParam, number: number ?? null } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const retry = useMutation({
    mutationFn: (messages: string[]) =>
      given(
        api.POST("/api/v1/dead-letters/retry", {
          params: { header: ONCE },
          body: { messages, number: null },
        }),
      ),
    onSuccess({ retried }) {
      toast.done(t("dead.done", { count: retried }));
      setChosen(new Set());
      void queries.invalidateQueries({ queryKey: ["conversations"] });
      void queries.invalidateQueries({ queryKey: ["overview"] });
    },
  });
  if (letters.isError) return <ProblemNotice error={letters.error} retry={() => letters.refetch()} />;
  if (letters.isPending) return <Loading />;
  const all = letters.data.pages.flatMap((page) => page.items);
  if (all.length === 0)
    return (
      <Empty icon={MailCheck} title={t("dead.empty")}>
        {t("dead.empty_detail")}
      </Empty>
    );
  const turn = (message: string) => {
    const next = new Set(chosen);
    if (!next.delete(message)) next.add(message);
    setChosen(next);
  };
  const whole = chosen.size === all.length;
  return (
    <div className="space-y-3">
      <div className="flex items-center gap-3">
        <Button
          variant="primary"
          disabled={chosen.size === 0}
          busy={retry.isPending}
          onClick={() => retry.mutate([...chosen])}
        >
          {t("dead.again", { count: chosen.size })}
        </Button>
      </div>
      <Table label={t("dead.title")}>
        <Head>
          <tr>
            <Column className="w-8">
              <Checkbox
                aria-label={t("dead.choose_all")}
                checked={whole}
                onChange={() => setChosen(new Set(whole ? [] : all.map((each) => each.message)))}
              />
            </Column>
            <Column>{t("dead.why")}</Column>
            <Column className="max-sm:hidden">{t("dead.number")}</Column>
            <Column className="max-sm:hidden">{t("dead.tries")}</Column>
            <Column className="max-sm:hidden">{t("dead.since")}</Column>
          </tr>
        </Head>
        <Body>
          {all.map((each) => (
            <Row key={each.message}>
              <Cell>
                <Checkbox
                  aria-label={t("dead.choose", { why: each.error })}
                  checked={chosen.has(each.message)}
                  onChange={() => turn(each.message)}
                />
              </Cell>
              <Cell className="sm:min-w-56">
                <Link
                  to="/conversations"
                  search={{ number: known.get(each.number) ?? each.number, open: each.conversation }}
                  className="hover:underline"
                >
                  {each.error === "" ? each.error_code : each.error}
                </Link>
                <span className="block text-muted-foreground text-xs sm:hidden">
                  {known.get(each.number) ?? "–"} · <Time at={each.created_at} />
                </span>
              </Cell>
              <Cell className="whitespace-nowrap max-sm:hidden">{known.get(each.number) ?? "–"}</Cell>
              <Cell className="tabular-nums max-sm:hidden">{each.attempt}</Cell>
              <Cell className="whitespace-nowrap text-muted-foreground max-sm:hidden">
                <Time at={each.created_at} />
              </Cell>
            </Row>
          ))}
        </Body>
      </Table>
      <More of={letters} />
    </div>
  );
}
