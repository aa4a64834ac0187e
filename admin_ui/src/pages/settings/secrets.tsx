import { Lock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Form } from "../../ui/form";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { Removing } from "./removing";
import { Listed, Section, useDo } from "./section";

const KEY = ["secrets"];

export function Secrets() {
  const { t } = useTranslation("settings");
  return (
    <Section place="secrets" needs="admin">
      <Put />
      <Listed
        of={KEY}
        read={(query, signal) => given(api.GET("/api/v1/secrets", { params: { query }, signal }))}
        empty={
          <Empty icon={Lock} title={t("secrets.none")}>
            {t("secrets.none_detail")}
          </Empty>
        }
      >
        {(rows) => (
          <Table label={t("place.secrets")}>
            <Head>
              <tr>
                <Column>{t("secrets.name")}</Column>
                <Column className="max-sm:hidden">{t("changed")}</Column>
                <Column>
                  <span className="sr-only">{t("act")}</span>
                </Column>
              </tr>
            </Head>
            <Body>
              {rows.map((row) => (
                <Row key={row.name}>
                  <Cell>
                    <code className="whitespace-nowrap">{`{{ secret("${row.name}") }}`}</code>
                  </Cell>
                  <Cell className="text-muted-foreground max-sm:hidden">
                    <Time at={row.updated_at} />
                  </Cell>
                  <Cell className="text-right">
                    <Removing
                      title={t("secrets.remove_title", { name: row.name })}
                      detail={t("secrets.remove_detail")}
                      remove={() =>
                        given(api.DELETE("/api/v1/secrets/{name}", { params: { path: { name: row.name } } }))
                      }
                      anew={KEY}
                    />
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

function Put() {
  const { t } = useTranslation(["settings", "frame"]);
  const typed = useKept("secret", { name: "", value: "" }, ["value"]);
  const { name, value } = typed.values;
  const put = useDo(
    () =>
      given(api.PUT("/api/v1/secrets/{name}", { params: { path: { name: name.trim() } }, body: { value } })),
    {
      anew: KEY,
      done: t("saved"),
      shown: true,
      onDone: () => typed.saved(),
    },
  );
  return (
    <Form
      of={typed}
      error={put.error}
      fields={["name", "value"]}
      onSend={() => put.mutate(undefined)}
      className="space-y-2"
    >
      {(fault) => (
        <div className="flex flex-wrap items-end gap-2 max-sm:grid max-sm:gap-3">
          <Field label={t("secrets.name")} error={fault("name")} className="sm:w-44">
            <Input
              required
              value={name}
              placeholder="crm_token"
              autoComplete="off"
              onChange={(event) => typed.set({ name: event.target.value })}
            />
          </Field>
          <Field label={t("secrets.value")} error={fault("value")} className="sm:w-64">
            <Input
              required
              type="password"
              autoComplete="off"
              value={value}
              onChange={(event) => typed.set({ value: event.target.value })}
            />
          </Field>
          <Button type="submit" busy={put.isPending} disabled={name.trim() === "" || value === ""}>
            {t("frame:action.save")}
          </Button>
        </div>
      )}
    </Form>
  );
}
