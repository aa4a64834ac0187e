import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Dot } from "../../ui/badge";
import { cn } from "../../ui/cn";
import { Empty } from "../../ui/empty";
import { Select } from "../../ui/input";
import { More } from "../../ui/more";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Moment } from "../../ui/time";
import { type Conversation, listQuery } from "./queries";
import type { Status } from "./routes";

const route = getRouteApi("/frame/conversations");
const FILTERS: (Status | undefined)[] = [undefined, "mine", "handed_off", "running", "idle", "failed"];

type Props = {
  numbers: Schemas["NumberOut"][];
  /** Undefined: all of them. */
  number: Schemas["NumberOut"] | undefined;
  status: Status | undefined;
  open: string | undefined;
};

export function List({ numbers, number, status, open }: Props) {
  const { t } = useTranslation("conversations");
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(listQuery(number?.id, status));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const names = new Map(numbers.map((each) => [each.id, each.name]));
  return (
    <section aria-label={t("list")} className="flex h-full flex-col">
      <div className="space-y-2 border-b p-3">
        {numbers.length > 1 && (
          <Select
            aria-label={t("number")}
            value={number?.id ?? ""}
            onChange={({ target: { value } }) =>
              navigate({ search: { ...(value ? { number: value } : {}), ...(status ? { status } : {}) } })
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
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
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
        <ul>
          {rows.map((row) => (
            <li key={row.id}>
              <Entry
                row={row}
                number={number?.id}
                name={number ? "" : (names.get(row.number) ?? "")}
                status={status}
                shown={row.id === open}
              />
            </li>
          ))}
        </ul>
        <div className="p-3">
          <More of={list} />
        </div>
      </div>
    </section>
  );
}

function Entry({
  row,
  number,
  name,
  status,
  shown,
}: {
  row: Conversation;
  number: string | undefined;
  /** What its number is called, where the list has those of all numbers. */
  name: string;
  status: Status | undefined;
  shown: boolean;
}) {
  const { t } = useTranslation(["conversations", "chat"]);
  const last = row.last;
  const media = ["image", "video", "audio", "document", "sticker", "location"];
  const said =
    last?.text ||
    (last && media.includes(last.kind)
      ? t(`chat:kind.${last.kind as "image"}`)
      : last
        ? `(${last.kind})`
        : "");
  return (
    <Link
      to="/conversations"
      search={{
        ...(number ? { number } : { of: row.number }),
        open: row.id,
        ...(status ? { status } : {}),
      }}
      aria-current={shown ? "true" : undefined}
      className={cn(
        "block border-b px-3 py-2.5 hover:bg-accent/60 focus-visible:-outline-offset-2",
        shown && "bg-accent hover:bg-accent",
      )}
    >
      <span className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-medium">{row.name || t("nameless")}</span>
        <Moment at={row.updated_at} className="shrink-0 text-muted-foreground text-xs" />
      </span>
      <span className="block truncate text-[13px] text-muted-foreground">
        {last?.direction === "out" && <span>{last.by ? `${last.by}: ` : t("by_bot")}</span>}
        {said}
      </span>
      <span className="mt-0.5 flex items-center gap-1.5 text-muted-foreground text-xs">
        <Dot tone={row.status === "handed_off" ? "warning" : row.status === "running" ? "good" : "neutral"} />
        <span className="truncate">
          {row.status === "running"
            ? `${row.flow} · ${row.step}`
            : row.status === "handed_off"
              ? row.held_by || row.team || t("owner.people")
              : t("filter.idle")}
        </span>
        {last?.status === "failed" && <span className="text-destructive">{t("chat:delivery.failed")}</span>}
        {row.opted_out && <span className="shrink-0">{t("opted_out.short")}</span>}
        {name && <span className="ml-auto max-w-[45%] shrink-0 truncate pl-2">{name}</span>}
      </span>
    </Link>
  );
}
