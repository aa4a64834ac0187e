import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ArrowLeft, EllipsisVertical, Info, ListTree } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { useMay } from "../../api/session";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "../../ui/menu";
import { More } from "../../ui/more";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { toast } from "../../ui/toast";
import { Tooltip } from "../../ui/tooltip";
import { locale } from "../../ui/when";
import { Bubble } from "./bubble";
import { Composer } from "./composer";
import { Details } from "./details";
import {
  type Conversation,
  conversationQuery,
  type Line,
  transcriptQuery,
  turnsQuery,
  useAct,
  useCalled,
} from "./queries";

const route = getRouteApi("/frame/conversations");
const NEAR_PX = 120;

type Props = {
  number: Schemas["NumberOut"];
  conversation: string;
  /** The message at which it is opened. */
  at: string | undefined;
};

/** One conversation: who has the floor, what was said, and a way to answer. */
export function Thread({ number, conversation, at }: Props) {
  const { t } = useTranslation("conversations");
  const navigate = route.useNavigate();
  const place = { number: number.id, conversation };
  const row = useQuery(conversationQuery(place));
  const { trace: traced = false, details = false } = route.useSearch();
  const show = (what: "trace" | "details") => (on: boolean) =>
    navigate({
      replace: true,
      search: ({ [what]: _, ...rest }) => ({ ...rest, ...(on ? { [what]: true as const } : {}) }),
    });
  if (row.isPending) return <Loading className="p-6" />;
  if (row.isError) return <ProblemNotice error={row.error} retry={() => row.refetch()} className="m-6" />;
  return (
    <div className="flex h-full min-h-0">
      <section aria-label={row.data.name || t("nameless")} className="flex min-w-0 flex-1 flex-col">
        <Head
          row={row.data}
          number={number}
          traced={traced}
          onTraced={show("trace")}
          details={details}
          onDetails={show("details")}
        />
        <Transcript key={at ?? "end"} place={place} traced={traced} at={at} />
        <Composer
          number={number}
          row={row.data}
          onSent={() => at && navigate({ search: ({ at: _, ...rest }) => rest })}
        />
      </section>
      <Details place={place} row={row.data} open={details} onOpenChange={show("details")} />
    </div>
  );
}

function Head({
  row,
  number,
  traced,
  onTraced,
  details,
  onDetails,
}: {
  row: Conversation;
  number: Schemas["NumberOut"];
  traced: boolean;
  onTraced: (traced: boolean) => void;
  details: boolean;
  onDetails: (open: boolean) => void;
}) {
  const { t } = useTranslation("conversations");
  const navigate = route.useNavigate();
  const act = useAct({ number: number.id, conversation: row.id });
  const may = useMay("agent");
  const [asked, setAsked] = useState<"end" | "restart">();
  const called = useCalled();
  const people = row.status === "handed_off";
  const doAct = (does: "take-over" | "give-back" | "end" | "restart") =>
    act.mutate({ does }, { onSuccess: () => toast.done(t(`done.${does}`)) });
  return (
    <header className="flex flex-wrap items-center gap-2 border-b px-3 py-2">
      <Button
        variant="ghost"
        size="icon-sm"
        className="md:hidden"
        aria-label={t("back")}
        onClick={() => navigate({ search: ({ open: _open, of: _of, at: _at, ...rest }) => rest })}
      >
        <ArrowLeft />
      </Button>
      <div className="min-w-40 flex-1">
        <h2 className="truncate font-medium">{row.name || t("nameless")}</h2>
        <p className="truncate text-muted-foreground text-xs">
          {number.name}
          {row.flow && ` · ${t("at_step", { flow: row.flow, step: row.step, version: row.version ?? "?" })}`}
        </p>
      </div>
      <div className="flex min-w-0 items-center gap-2 max-sm:order-last max-sm:basis-full max-sm:justify-between">
        <Badge tone={people ? "warning" : row.status === "running" ? "good" : "neutral"}>
          {people
            ? t("owner.person", { who: called(row.held_by) || row.team || t("owner.people") })
            : row.status === "running"
              ? t("owner.bot")
              : t("owner.nobody")}
        </Badge>
        {may && (
          <Button
            size="sm"
            variant={people ? "secondary" : "primary"}
            busy={act.isPending}
            onClick={() => doAct(people ? "give-back" : "take-over")}
          >
            {t(people ? "act.give_back" : "act.take_over")}
          </Button>
        )}
      </div>
      <Tooltip words={t("trace.toggle")}>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("trace.toggle")}
          aria-pressed={traced}
          className={traced ? "bg-accent" : ""}
          onClick={() => onTraced(!traced)}
        >
          <ListTree />
        </Button>
      </Tooltip>
      <Tooltip words={t("details.toggle")}>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("details.toggle")}
          aria-pressed={details}
          className={details ? "bg-accent" : ""}
          onClick={() => onDetails(!details)}
        >
          <Info />
        </Button>
      </Tooltip>
      {may && (
        <Menu>
          <MenuTrigger asChild>
            <Button variant="ghost" size="icon-sm" aria-label={t("act.more")}>
              <EllipsisVertical />
            </Button>
          </MenuTrigger>
          <MenuContent>
            <MenuItem disabled={row.status === "idle"} onSelect={() => setAsked("restart")}>
              {t("act.restart")}
            </MenuItem>
            <MenuItem danger disabled={row.status === "idle"} onSelect={() => setAsked("end")}>
              {t("act.end")}
            </MenuItem>
          </MenuContent>
        </Menu>
      )}
      {asked && (
        <Confirm
          open
          onOpenChange={() => setAsked(undefined)}
          title={t(`ask.${asked}.title`)}
          act={t(`act.${asked}`)}
          danger={asked === "end"}
          onConfirm={() => {
            doAct(asked);
            setAsked(undefined);
          }}
        >
          <p>{t(`ask.${asked}.detail`)}</p>
        </Confirm>
      )}
    </header>
  );
}

/** The step of the bot that said it, with the version; "" where none did. */
function stepOf(line: Line | undefined): string {
  if (line === undefined || line.direction !== "out" || !line.step) return "";
  return `${line.flow}.${line.step}${line.version === null ? "" : ` · v${line.version}`}`;
}

function Transcript({
  place,
  traced,
  at,
}: {
  place: { number: string; conversation: string };
  traced: boolean;
  at: string | undefined;
}) {
  const { t, i18n } = useTranslation("conversations");
  const navigate = route.useNavigate();
  const pages = useInfiniteQuery(transcriptQuery(place, at));
  const turns = useQuery({ ...turnsQuery(place), enabled: traced });
  const lines = useMemo(
    () => [...(pages.data?.pages ?? [])].reverse().flatMap((page) => page.items),
    [pages.data],
  );
  const byId = useMemo(() => new Map(turns.data?.items.map((turn) => [turn.id, turn])), [turns.data]);
  const pane = useRef<HTMLDivElement>(null);
  const atEnd = useRef(at === undefined);
  const wanted = useRef<HTMLLIElement>(null);
  const reached = useRef(false);
  const oldest = useRef<{ id: string; height: number }>(undefined);
  const first = lines[0]?.id;
  const newest = lines.at(-1);
  // Who reads the end stays there when something comes; who reads further up stays where he is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn decides, not what this reads
  useLayoutEffect(() => {
    const box = pane.current;
    if (box === null) return;
    if (wanted.current && !reached.current) {
      wanted.current.scrollIntoView({ block: "center" });
      reached.current = true;
    } else if (oldest.current && oldest.current.id !== first && !atEnd.current)
      box.scrollTop += box.scrollHeight - oldest.current.height;
    else if (atEnd.current) box.scrollTop = box.scrollHeight;
    oldest.current = first ? { id: first, height: box.scrollHeight } : undefined;
  }, [first, newest, traced, turns.data]);
  // So it is when the pane itself becomes smaller: the box below it grows with what is typed.
  useEffect(() => {
    const box = pane.current;
    if (box === null) return;
    const watch = new ResizeObserver(() => {
      if (atEnd.current) box.scrollTop = box.scrollHeight;
    });
    watch.observe(box);
    return () => watch.disconnect();
  }, []);
  const day = new Intl.DateTimeFormat(locale(i18n.language), { dateStyle: "full" });
  let before = "";
  return (
    <div
      ref={pane}
      className="min-h-0 flex-1 overflow-y-auto px-3 py-4"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      role="log"
      aria-label={t("transcript")}
      onScroll={({ currentTarget: box }) => {
        atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
      }}
    >
      {pages.isPending && <Loading />}
      {pages.isError && <ProblemNotice error={pages.error} retry={() => pages.refetch()} />}
      <More of={pages} />
      {traced && turns.isError && <ProblemNotice error={turns.error} retry={() => turns.refetch()} />}
      {pages.isSuccess && lines.length === 0 && (
        <p className="text-center text-muted-foreground">{t("silent")}</p>
      )}
      <ol className="mx-auto max-w-3xl space-y-1.5">
        {lines.map((line, index) => {
          const today = day.format(new Date(line.created_at));
          const opens = today !== before;
          before = today;
          return (
            <li
              key={line.id}
              ref={line.id === at ? wanted : undefined}
              aria-current={line.id === at ? "true" : undefined}
              className={line.id === at ? "-mx-2 rounded-lg bg-warning/12 px-2 py-1.5" : undefined}
            >
              {opens && (
                <p className="py-3 text-center text-muted-foreground text-xs">
                  <time dateTime={line.created_at.slice(0, 10)}>{today}</time>
                </p>
              )}
              <Bubble
                line={line}
                place={place}
                at={stepOf(line) === stepOf(lines[index + 1]) ? "" : stepOf(line)}
                traced={traced}
                turn={byId.get(line.id)}
              />
            </li>
          );
        })}
      </ol>
      {at && (pages.hasPreviousPage || pages.isError) && (
        <div className="mt-4 flex flex-wrap justify-center gap-2">
          {pages.hasPreviousPage && (
            <Button
              busy={pages.isFetchingPreviousPage}
              onClick={() => {
                atEnd.current = false;
                void pages.fetchPreviousPage();
              }}
            >
              {t("search.later")}
            </Button>
          )}
          <Button variant="ghost" onClick={() => navigate({ search: ({ at: _, ...rest }) => rest })}>
            {t("search.latest")}
          </Button>
        </div>
      )}
    </div>
  );
}
