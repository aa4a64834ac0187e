import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { cn } from "../../ui/cn";
import { Empty } from "../../ui/empty";
import { Select } from "../../ui/input";
import { More } from "../../ui/more";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Conversations } from "./entry";
import { listQuery } from "./queries";
import type { Status } from "./routes";
import { Results, SearchBox } from "./search";

const route = getRouteApi("/frame/conversations");
const FILTERS: (Status | undefined)[] = [undefined, "mine", "handed_off", "running", "idle", "failed"];

type Props = {
  numbers: Schemas["NumberOut"][];
  /** Undefined: all of them. */
  number: Schemas["NumberOut"] | undefined;
  status: Status | undefined;
  open: string | undefined;
  /** What is looked for; undefined: the list is whole. */
  q: string | undefined;
  at: string | undefined;
};

export function List({ numbers, number, status, open, q, at }: Props) {
  const { t } = useTranslation("conversations");
  const navigate = route.useNavigate();
  const names = new Map(numbers.map((each) => [each.id, each.name]));
  return (
    <section aria-label={t("list")} className="flex h-full flex-col">
      <div className="space-y-2 border-b p-3">
        {numbers.length > 1 && (
          <Select
            aria-label={t("number")}
            value={number?.id ?? ""}
            onChange={({ target: { value } }) =>
              navigate({
                search: {
                  ...(value ? { number: value } : {}),
                  ...(status ? { status } : {}),
                  ...(q ? { q } : {}),
                },
              })
            }
          >
            <option value="">{t("all_numbers")}</option>
            {numbers.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </Select>
        )}
        <SearchBox q={q} />
        {q === undefined && (
          <fieldset className="flex flex-wrap gap-1">
            <legend className="sr-only">{t("filter.label")}</legend>
            {FILTERS.map((each) => (
              <Link
                key={each ?? "all"}
                to="/conversations"
                search={({ status: _, ...rest }) => ({ ...rest, ...(each ? { status: each } : {}) })}
                aria-current={status === each ? "true" : undefined}
                className={cn(
                  "rounded-md px-2 py-1 text-[13px] text-muted-foreground hover:bg-accent pointer-coarse:py-2",
                  status === each && "bg-accent font-medium text-accent-foreground",
                )}
              >
                {t(`filter.${each ?? "all"}`)}
              </Link>
            ))}
          </fieldset>
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
        {q === undefined ? (
          <Whole number={number} names={names} status={status} open={open} />
        ) : (
          <Results q={q} number={number} names={names} open={open} at={at} />
        )}
      </div>
    </section>
  );
}

/** All of them, as they stand. */
function Whole({
  number,
  names,
  status,
  open,
}: Pick<Props, "number" | "status" | "open"> & { names: Map<string, string> }) {
  const { t } = useTranslation("conversations");
  const list = useInfiniteQuery(listQuery(number?.id, status));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {list.isPending && <Loading className="p-3" />}
      {list.isError && <ProblemNotice error={list.error} retry={() => list.refetch()} className="m-3" />}
      {list.isSuccess && rows.length === 0 && (
        <Empty
          icon={MessagesSquare}
          title={t(
            status === "mine" || status === "failed"
              ? `empty.${status}`
              : status
                ? "empty.filtered"
                : "empty.title",
          )}
          className="m-3 border-0"
        >
          {status ? null : t("empty.detail")}
        </Empty>
      )}
      <Conversations rows={rows} number={number?.id} names={names} open={open} />
      <div className="p-3">{<More of={list} />}</div>
    </>
  );
}
