import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas, tagged } from "../../api/client";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Switch } from "../../ui/switch";
import { toast } from "../../ui/toast";
import { locale } from "../../ui/when";
import { Section, useDo } from "./section";

const KEY = ["message-search"];
const LOOK_MS = 2_000;

/** Whether people may search in what was said, with what that gives away. */
export function Search() {
  return (
    <Section place="search" needs="admin">
      <Read />
    </Section>
  );
}

function Read() {
  const search = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => tagged(api.GET("/api/v1/message-search", { signal })),
    refetchInterval: ({ state }) =>
      state.data && ["indexing", "clearing"].includes(state.data.data.state) ? LOOK_MS : false,
  });
  if (search.isPending) return <Loading lines={3} />;
  if (search.isError) return <ProblemNotice error={search.error} retry={() => search.refetch()} />;
  return <Form search={search.data.data} etag={search.data.etag} />;
}

function Form({ search, etag }: { search: Schemas["SearchOut"]; etag: string }) {
  const { t } = useTranslation("settings");
  const id = useId();
  const turn = useDo(
    (on: boolean) =>
      given(api.PUT("/api/v1/message-search", { params: { header: { "if-match": etag } }, body: { on } })),
    {
      anew: KEY,
      shown: true,
      onDone: ({ on }) => toast.done(t(on ? "search.turned_on" : "search.turned_off")),
    },
  );
  return (
    <div className="max-w-xl space-y-4">
      <div className="flex items-start gap-3">
        <Switch
          id={id}
          className="mt-0.5"
          checked={search.on}
          disabled={turn.isPending}
          aria-describedby={`${id}-state ${id}-cost`}
          onCheckedChange={(on) => turn.mutate(on)}
        />
        <div className="min-w-0 space-y-1">
          <label htmlFor={id} className="font-medium">
            {t("search.switch")}
          </label>
          <p className="text-muted-foreground">{t("search.detail")}</p>
          <p id={`${id}-state`} role="status">
            <State search={search} />
          </p>
        </div>
      </div>
      <ProblemNotice error={turn.error} />
      <Notice title={t("search.cost_title")}>
        <p id={`${id}-cost`}>{t("search.cost")}</p>
      </Notice>
    </div>
  );
}

function State({ search }: { search: Schemas["SearchOut"] }) {
  const { t, i18n } = useTranslation("settings");
  if (search.state !== "indexing") return <>{t(`search.state.${search.state}`)}</>;
  const day = new Intl.DateTimeFormat(locale(i18n.language), { dateStyle: "long", timeStyle: "short" });
  return (
    <>
      {t("search.state.indexing", { count: search.read })}
      {search.since && ` ${t("search.since", { when: day.format(new Date(search.since)) })}`}
    </>
  );
}
