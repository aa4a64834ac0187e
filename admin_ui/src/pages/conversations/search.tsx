import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Search, SearchX, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Problem } from "../../api/problems";
import { useMay } from "../../api/session";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Input } from "../../ui/input";
import { More } from "../../ui/more";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { locale } from "../../ui/when";
import { Conversations, Entry, Said } from "./entry";
import { asPhone, foundQuery, ofPhoneQuery } from "./queries";

const route = getRouteApi("/frame/conversations");

/** Where one says what is looked for. It is done by Enter, since each search is in the audit. */
export function SearchBox({ q }: { q: string | undefined }) {
  const { t } = useTranslation("conversations");
  const navigate = route.useNavigate();
  const [text, setText] = useState(q ?? "");
  const [was, setWas] = useState(q);
  if (q !== was) {
    setWas(q);
    setText(q ?? "");
  }
  const go = (wanted: string) =>
    navigate({ search: ({ q: _, ...rest }) => ({ ...rest, ...(wanted ? { q: wanted } : {}) }) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void go(text.trim());
  };
  return (
    <search>
      <form onSubmit={submit} className="relative">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted-foreground"
        />
        <Input
          aria-label={t("search.label")}
          placeholder={t("search.placeholder")}
          enterKeyHint="search"
          maxLength={200}
          className="px-8"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {(text !== "" || q) && (
          <Button
            variant="ghost"
            size="icon-sm"
            className="absolute top-1/2 right-0.5 -translate-y-1/2"
            aria-label={t("search.clear")}
            onClick={() => {
              setText("");
              void go("");
            }}
          >
            <X />
          </Button>
        )}
      </form>
    </search>
  );
}

type Props = {
  q: string;
  number: Schemas["NumberOut"] | undefined;
  names: Map<string, string>;
  open: string | undefined;
  at: string | undefined;
};

/** Who has that phone number, and what was said with these words. */
export function Results({ q, number, names, open, at }: Props) {
  const { t, i18n } = useTranslation("conversations");
  const people = useQuery({ ...ofPhoneQuery(number?.id, q), enabled: asPhone(q) !== undefined });
  const found = useInfiniteQuery(foundQuery(number?.id, q));
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const talks = people.data ?? [];
  const code = found.error instanceof Problem ? found.error.code : "";
  const off = code === "messages.search_off";
  const wordless = code === "messages.no_words";
  const since = found.data?.pages[0]?.since;
  const nobody = people.isSuccess || people.fetchStatus === "idle" ? talks.length === 0 : false;
  const nothing = nobody && (off || wordless || (found.isSuccess && rows.length === 0));
  const day = new Intl.DateTimeFormat(locale(i18n.language), { dateStyle: "long" });
  return (
    <section aria-label={t("search.results")}>
      {(found.isPending || people.isLoading) && <Loading className="p-3" />}
      {people.isError && <ProblemNotice error={people.error} className="m-3" />}
      {found.isError && !off && !wordless && (
        <ProblemNotice error={found.error} retry={() => found.refetch()} className="m-3" />
      )}
      {talks.length > 0 && (
        <Conversations
          rows={talks}
          number={number?.id}
          names={names}
          open={open}
          label={t("search.people")}
        />
      )}
      <ul aria-label={t("search.messages")}>
        {rows.map((row) => (
          <Found
            key={row.message}
            row={row}
            number={number?.id}
            name={number ? "" : (names.get(row.number) ?? "")}
            shown={row.message === at}
          />
        ))}
      </ul>
      {nothing && (
        <Empty icon={SearchX} title={t("search.nothing")} className="m-3 border-0">
          {t(off ? "search.phones_only" : "search.how")}
        </Empty>
      )}
      {off && <Off />}
      {since && <Notice className="m-3">{t("search.still", { when: day.format(new Date(since)) })}</Notice>}
      <div className="p-3">
        <More of={found} />
      </div>
    </section>
  );
}

function Off() {
  const { t } = useTranslation("conversations");
  const admin = useMay("admin");
  return (
    <Notice title={t("search.off")} className="m-3">
      {admin ? (
        <Link to="/settings/search" className="underline underline-offset-2">
          {t("search.turn_on")}
        </Link>
      ) : (
        <p>{t("search.ask")}</p>
      )}
    </Notice>
  );
}

function Found({
  row,
  number,
  name,
  shown,
}: {
  row: Schemas["FoundOut"];
  number: string | undefined;
  /** What its number is called, where all numbers are searched. */
  name: string;
  shown: boolean;
}) {
  return (
    <Entry
      row={row}
      number={number}
      leads={{ open: row.conversation, at: row.message }}
      at={row.created_at}
      shown={shown}
    >
      <span className="line-clamp-3 break-words text-[13px] text-muted-foreground">
        <Said direction={row.direction} by={row.by} />
        {row.snippet.map((piece, place) =>
          piece.found ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, which never move
            <mark key={place} className="rounded-xs bg-warning/30 text-foreground">
              {piece.text}
            </mark>
          ) : (
            piece.text
          ),
        )}
      </span>
      {name && <span className="block truncate text-right text-muted-foreground text-xs">{name}</span>}
    </Entry>
  );
}
