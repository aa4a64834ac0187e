import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Contact as Person, SearchX, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/session";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Input, Select } from "../../ui/input";
import { More } from "../../ui/more";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Page } from "../../ui/page";
import { Loading } from "../../ui/skeleton";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { tongue } from "../../ui/tongue";
import { ContactPanel } from "./contact-panel";
import { contactsQuery } from "./queries";
import type { Shown } from "./routes";

const route = getRouteApi("/frame/contacts");

export function ContactsPage() {
  const { t, i18n } = useTranslation("contacts");
  const shown = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay("agent");
  const list = useInfiniteQuery({ ...contactsQuery(shown), enabled: may });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { open, ...wanted } = shown;
  const filtered = Object.keys(wanted).length > 0;
  if (!may)
    return (
      <Page title={t("title")}>
        <Notice>{t("locked")}</Notice>
      </Page>
    );
  return (
    <Page title={t("title")} description={t("lead")}>
      <Filters key={JSON.stringify(wanted)} shown={wanted} />
      {list.isPending && <Loading />}
      {list.isError && <ProblemNotice error={list.error} retry={() => list.refetch()} />}
      {list.isSuccess &&
        rows.length === 0 &&
        (filtered ? (
          <Empty
            icon={SearchX}
            title={t("empty.filtered")}
            actions={<Button onClick={() => navigate({ search: {} })}>{t("filter.clear")}</Button>}
          >
            {t("empty.filtered_detail")}
          </Empty>
        ) : (
          <Empty icon={Person} title={t("empty.title")}>
            {t("empty.detail")}
          </Empty>
        ))}
      {rows.length > 0 && (
        <Table label={t("title")}>
          <Head>
            <tr>
              <Column>{t("column.name")}</Column>
              <Column>{t("column.tags")}</Column>
              <Column className="max-sm:hidden">{t("column.language")}</Column>
              <Column className="max-sm:hidden">{t("column.created")}</Column>
            </tr>
          </Head>
          <Body>
            {rows.map((row) => (
              <Row key={row.id}>
                <Cell className="max-w-60">
                  <button
                    type="button"
                    className="block w-full truncate text-left font-medium hover:underline"
                    onClick={() => navigate({ search: { ...shown, open: row.id } })}
                  >
                    {row.name || t("nameless")}
                  </button>
                  {row.opted_out && <span className="text-warning text-xs">{t("opted_out")}</span>}
                </Cell>
                <Cell>
                  <span className="flex flex-wrap gap-1">
                    {row.tags.map((tag) => (
                      <Badge key={tag}>{tag}</Badge>
                    ))}
                  </span>
                </Cell>
                <Cell className="max-sm:hidden">{row.language && tongue(row.language, i18n.language)}</Cell>
                <Cell className="text-muted-foreground max-sm:hidden">
                  <Time at={row.created_at} />
                </Cell>
              </Row>
            ))}
          </Body>
        </Table>
      )}
      <More of={list} />
      {open && (
        <ContactPanel
          key={open}
          contact={open}
          onClose={() => navigate({ search: ({ open: _, ...rest }) => rest })}
        />
      )}
    </Page>
  );
}

function Filters({ shown }: { shown: Shown }) {
  const { t } = useTranslation("contacts");
  const navigate = route.useNavigate();
  const [phone, setPhone] = useState(shown.phone ?? "");
  const [tag, setTag] = useState(shown.tag ?? "");
  const [language, setLanguage] = useState(shown.language ?? "");
  const go = (more: Shown) => {
    const wanted: Shown = { ...shown, ...more };
    for (const name of ["phone", "tag", "language"] as const) if (!wanted[name]) delete wanted[name];
    if (wanted.opted_out === undefined) delete wanted.opted_out;
    void navigate({ search: wanted });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go({ phone: phone.trim(), tag: tag.trim(), language: language.trim() });
  };
  return (
    <search>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2 max-sm:grid max-sm:grid-cols-2">
        <Input
          className="max-sm:col-span-2 sm:w-44"
          type="search"
          aria-label={t("filter.phone")}
          placeholder={t("filter.phone")}
          value={phone}
          minLength={3}
          maxLength={40}
          onChange={(event) => setPhone(event.target.value)}
        />
        <Input
          className="sm:w-36"
          aria-label={t("filter.tag")}
          placeholder={t("filter.tag")}
          value={tag}
          maxLength={100}
          onChange={(event) => setTag(event.target.value)}
        />
        <Input
          className="sm:w-28"
          aria-label={t("filter.language")}
          placeholder={t("filter.language")}
          value={language}
          maxLength={35}
          onChange={(event) => setLanguage(event.target.value)}
        />
        <Select
          className="sm:w-44"
          aria-label={t("filter.opted_out")}
          value={String(shown.opted_out ?? "")}
          onChange={(event) => {
            const { opted_out: _, ...rest } = shown;
            const value = event.target.value;
            void navigate({ search: value === "" ? rest : { ...rest, opted_out: value === "true" } });
          }}
        >
          <option value="">{t("filter.anyone")}</option>
          <option value="false">{t("filter.reachable")}</option>
          <option value="true">{t("filter.opted_out")}</option>
        </Select>
        <Button type="submit">{t("filter.go")}</Button>
        {Object.keys(shown).length > 0 && (
          <Button variant="ghost" onClick={() => navigate({ search: {} })}>
            <X />
            {t("filter.clear")}
          </Button>
        )}
      </form>
    </search>
  );
}
