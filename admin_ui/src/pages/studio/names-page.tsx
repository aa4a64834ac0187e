import { useQuery } from "@tanstack/react-query";
import { Database, Pencil } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import type { Draft, Now } from "../../studio/draft";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Input } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import type { Renaming } from "./rename";
import { KINDS, type Shown } from "./routes";
import { placeOf } from "./uses-list";

type Named = Schemas["NamedOut"];
type Use = Schemas["UseOut"];

/** Everything in the bot that has a name: its type, where it is written, read and else named. */
export function NamesPage({
  draft,
  now,
  shown,
  onShow,
  onRename,
}: {
  draft: Draft;
  now: Now;
  shown: Shown;
  onShow: (more: Shown) => void;
  onRename: (what: Renaming) => void;
}) {
  const { t } = useTranslation("whole-bot");
  const kind = shown.kind ?? "field";
  const read = useQuery<Schemas["NamesOut"]>({
    queryKey: ["draft-names", draft.bot, "all", now.revision],
    placeholderData: (before) => before,
    queryFn: ({ signal }) =>
      given(api.GET("/api/v1/bots/{name}/draft/names", { params: { path: { name: draft.bot } }, signal })),
  });
  const find = (shown.find ?? "").toLocaleLowerCase();
  const names = (read.data?.names ?? []).filter(
    (each) => each.kind === kind && `${each.of} ${each.name}`.toLocaleLowerCase().includes(find),
  );
  return (
    <>
      <header className="flex flex-wrap items-center gap-2 border-b px-3 py-1.5">
        <h2 className="mr-1 font-medium">{t("place.data")}</h2>
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">{t("names.what")}</legend>
          {KINDS.map((each) => (
            <Button
              key={each}
              size="sm"
              variant="ghost"
              aria-pressed={each === kind}
              className={each === kind ? "bg-accent" : ""}
              onClick={() => onShow({ kind: each })}
            >
              {t(`names.kinds.${each}`)}
            </Button>
          ))}
        </fieldset>
        <div className="ml-auto w-44 max-sm:w-full">
          <Input
            type="search"
            className="h-7 text-xs"
            aria-label={t("names.find")}
            placeholder={t("names.find")}
            defaultValue={shown.find ?? ""}
            onChange={(event) => onShow({ find: event.target.value })}
          />
        </div>
      </header>
      <div className="min-h-0 flex-1 space-y-3 overflow-auto p-3">
        <ProblemNotice error={read.error} retry={() => read.refetch()} />
        {read.isPending && <Loading />}
        {(read.data?.unread.length ?? 0) > 0 && (
          <Notice kind="warning" title={t("rename.unread")}>
            {read.data?.unread.join(", ")}
          </Notice>
        )}
        {read.data && names.length === 0 && <Empty icon={Database} title={t("names.none")} />}
        {names.length > 0 && (
          <Table label={t(`names.kinds.${kind}`)} className="max-sm:block">
            <Head className="max-sm:hidden">
              <tr>
                <Column>{t("names.name")}</Column>
                {kind !== "contact" && kind !== "flow" && (
                  <Column>{t(kind === "choice" ? "names.step" : "names.of")}</Column>
                )}
                {(kind === "field" || kind === "contact") && <Column>{t("names.type")}</Column>}
                <Column className="w-full">{t("names.uses")}</Column>
                <Column>
                  <span className="sr-only">{t("rename.rename")}</span>
                </Column>
              </tr>
            </Head>
            <Body className="max-sm:block">
              {names.map((each) => (
                <Row
                  key={`${each.of} ${each.name}`}
                  className="max-sm:relative max-sm:block max-sm:px-1 max-sm:py-2"
                >
                  <th
                    scope="row"
                    className="px-3 py-2 text-left align-top font-medium font-mono text-xs max-sm:block max-sm:break-all max-sm:pr-14 max-sm:pb-0"
                  >
                    <span className="block sm:max-w-56 sm:break-words">{each.name}</span>
                  </th>
                  {kind !== "contact" && kind !== "flow" && (
                    <Cell className="whitespace-nowrap align-top text-muted-foreground max-sm:block max-sm:py-0">
                      {each.of}
                    </Cell>
                  )}
                  {(kind === "field" || kind === "contact") && (
                    <Cell className="align-top max-sm:flex max-sm:flex-wrap max-sm:gap-2 max-sm:py-0 sm:whitespace-nowrap">
                      <TypeWords type={each.type} />
                      <span className="flex gap-1">
                        {each.required && <Badge>{t("names.required")}</Badge>}
                        {each.pii && <Badge tone="info">{t("names.pii")}</Badge>}
                      </span>
                    </Cell>
                  )}
                  <Cell className="align-top max-sm:block sm:min-w-64">
                    <Uses named={each} onShow={onShow} />
                  </Cell>
                  <Cell className="align-top max-sm:absolute max-sm:top-0 max-sm:right-0">
                    {kind !== "contact" && draft.editable && (
                      <Button
                        variant="ghost"
                        size="icon-sm"
                        aria-label={t("rename.what", { name: each.name })}
                        title={t("rename.what", { name: each.name })}
                        onClick={() => onRename({ kind: each.kind, of: each.of, name: each.name })}
                      >
                        <Pencil />
                      </Button>
                    )}
                  </Cell>
                </Row>
              ))}
            </Body>
          </Table>
        )}
      </div>
    </>
  );
}

const TYPES = [
  "string",
  "integer",
  "number",
  "boolean",
  "array",
  "object",
  "null",
  "enum",
  "any",
  "date",
  "time",
  "date-time",
  "email",
  "phone",
  "uri",
] as const;

/** What a field's type is in words: the API tells "string (date)". A text of a known format is called by that. */
function TypeWords({ type }: { type: string }) {
  const { t } = useTranslation("whole-bot");
  const word = (said: string) => {
    const known = TYPES.find((one) => one === said);
    return known ? t(`names.types.${known}`) : said;
  };
  const [, kinds = type, format] = type.match(/^(.*?)(?: \((.*)\))?$/) ?? [];
  const shown =
    format && kinds === "string"
      ? word(format)
      : kinds
          .split(" or ")
          .map(word)
          .reduce((one, other) => t("names.type_or", { one, other }));
  return <span title={type}>{shown || "–"}</span>;
}

const WAYS = ["declares", "writes", "reads", "leads", "shows", "tests", "translates"] as const;

function Uses({ named, onShow }: { named: Named; onShow: (more: Shown) => void }) {
  const { t } = useTranslation("whole-bot");
  const data = named.kind === "field" || named.kind === "contact";
  const has = (how: Use["how"]) => named.uses.some((use) => use.how === how);
  const lacks =
    named.kind === "field" && !has("declares")
      ? t("names.undeclared")
      : named.kind === "field" && !has("reads")
        ? t("names.unread")
        : undefined;
  return (
    <>
      <dl className="space-y-0.5">
        {WAYS.map((how) => {
          const some = once(named.uses.filter((use) => use.how === how));
          if (some.length === 0) return null;
          return (
            <div key={how} className="flex gap-2">
              <dt className="w-24 shrink-0 text-muted-foreground text-xs leading-5">{t(`how.${how}`)}</dt>
              <dd className="flex min-w-0 flex-wrap gap-x-1.5 gap-y-0.5">
                {some.map(({ use, count }) => (
                  <button
                    key={`${use.file}${use.pointer}`}
                    type="button"
                    title={`${use.file}:${use.line}`}
                    className="min-w-0 break-words rounded px-1 text-left text-primary hover:bg-accent hover:underline"
                    onClick={() => onShow(placeOf(use))}
                  >
                    {use.step || use.file.replace(/\.(ya?ml|json)$/, "")}
                    {count > 1 && ` (${count})`}
                  </button>
                ))}
              </dd>
            </div>
          );
        })}
      </dl>
      {data && lacks && <p className="text-warning text-xs">{lacks}</p>}
    </>
  );
}

/** The places of one step or file once, with how many they are. */
function once(uses: Use[]): { use: Use; count: number }[] {
  const found = new Map<string, { use: Use; count: number }>();
  for (const use of uses) {
    const at = `${use.file} ${use.step}`;
    const before = found.get(at);
    found.set(at, { use: before?.use ?? use, count: (before?.count ?? 0) + 1 });
  }
  return [...found.values()];
}
