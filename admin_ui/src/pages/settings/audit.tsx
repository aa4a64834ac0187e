import { getRouteApi } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Input } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { Listed, Section, useDo } from "./section";

type Entry = Schemas["EntryOut"];
const route = getRouteApi("/frame/settings/audit");

export function Audit() {
  const { t } = useTranslation("settings");
  const wanted = route.useSearch();
  const verify = useVerify();
  return (
    <Section
      place="audit"
      needs="admin"
      actions={
        <Button busy={verify.isPending} onClick={() => verify.mutate(undefined)}>
          <ShieldCheck />
          {t("audit.verify")}
        </Button>
      }
    >
      <ProblemNotice error={verify.error} />
      {verify.data && <Verified told={verify.data} />}
      <Filters key={JSON.stringify(wanted)} />
      <Listed
        of={["audit", wanted]}
        read={(query, signal) =>
          given(api.GET("/api/v1/audit", { params: { query: { ...query, ...wanted } }, signal }))
        }
        empty={<Empty icon={ShieldCheck} title={t("audit.none")} />}
      >
        {(rows) => (
          <Table label={t("place.audit")}>
            <Head>
              <tr className="max-sm:hidden">
                <Column>{t("audit.when")}</Column>
                <Column>{t("audit.who")}</Column>
                <Column>{t("audit.what")}</Column>
                <Column>{t("audit.changes")}</Column>
              </tr>
            </Head>
            <Body>
              {rows.map((row) => (
                <Row key={row.id} className="max-sm:grid max-sm:grid-cols-[minmax(0,1fr)_auto]">
                  <Cell className="whitespace-nowrap text-muted-foreground max-sm:order-1 max-sm:pb-0 max-sm:text-right max-sm:text-xs">
                    <Time at={row.at} />
                  </Cell>
                  <Cell className="max-sm:col-span-2 max-sm:order-2 max-sm:py-0">
                    <p className="break-words">{row.who_name}</p>
                    <p className="text-muted-foreground text-xs">{row.address}</p>
                  </Cell>
                  <Cell className="max-sm:pb-0">
                    <code>{row.action}</code>
                    <p className="max-w-48 truncate text-muted-foreground text-xs" title={row.target_id}>
                      {row.target_name || row.target_id}
                    </p>
                  </Cell>
                  <Cell className="break-words font-mono text-muted-foreground text-xs max-sm:order-3 max-sm:col-span-2 max-sm:pt-1 sm:max-w-80">
                    <Changes row={row} />
                  </Cell>
                </Row>
              ))}
            </Body>
          </Table>
        )}
      </Listed>
    </Section>
  );
}

function Changes({ row }: { row: Entry }) {
  return Object.entries(row.changes).map(([name, change]) => (
    <p key={name}>
      <code>{name}</code>:{" "}
      {Array.isArray(change) && change.length === 2
        ? `${JSON.stringify(change[0])} → ${JSON.stringify(change[1])}`
        : JSON.stringify(change)}
    </p>
  ));
}

function Filters() {
  const { t } = useTranslation("settings");
  const wanted = route.useSearch();
  const navigate = route.useNavigate();
  const [by, setBy] = useState(wanted.by ?? "");
  const [action, setAction] = useState(wanted.action ?? "");
  const [target, setTarget] = useState(wanted.target ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const next = { by: by.trim(), action: action.trim(), target: target.trim() };
    void navigate({ search: Object.fromEntries(Object.entries(next).filter(([, text]) => text !== "")) });
  };
  return (
    <search>
      <form onSubmit={submit} className="flex gap-2 max-sm:grid max-sm:grid-cols-2">
        <Input
          className="sm:max-w-52"
          aria-label={t("audit.by")}
          placeholder={t("audit.by")}
          value={by}
          onChange={(event) => setBy(event.target.value)}
        />
        <Input
          className="sm:max-w-52"
          aria-label={t("audit.action")}
          placeholder={t("audit.action")}
          value={action}
          onChange={(event) => setAction(event.target.value)}
        />
        <Input
          className="sm:max-w-52"
          aria-label={t("audit.target")}
          placeholder={t("audit.target")}
          value={target}
          onChange={(event) => setTarget(event.target.value)}
        />
        <Button type="submit">{t("audit.search")}</Button>
      </form>
    </search>
  );
}

/** Walks the whole chain, part by part. */
function useVerify() {
  return useDo(
    async () => {
      let after = 0;
      let checked = 0;
      for (;;) {
        const part = await given(api.GET("/api/v1/audit/verification", { params: { query: { after } } }));
        checked += part.checked;
        if (part.broken || part.next === null) return { ...part, checked };
        after = part.next;
      }
    },
    { shown: true },
  );
}

function Verified({ told }: { told: Schemas["VerificationOut"] }) {
  const { t, i18n } = useTranslation("settings");
  return (
    <Notice kind={told.broken ? "problem" : "success"}>
      {told.broken
        ? t("audit.broken", { place: told.broken.place, why: told.broken.why })
        : t("audit.whole", { count: told.checked, shown: told.checked.toLocaleString(i18n.language) })}
    </Notice>
  );
}
