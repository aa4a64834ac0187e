import { Zap } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { useMay } from "../../api/session";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { Editing } from "./editing";
import { Removing } from "./removing";
import { JsonField, Listed, readJson, Section, useDo } from "./section";

type Event = Schemas["SchemaOut"];
const KEY = ["event-schemas"];
const SAMPLE = `{
  "type": "object",
  "required": ["order"],
  "properties": { "order": { "type": "string" } }
}`;

export function Events() {
  const { t } = useTranslation("settings");
  const may = useMay("editor");
  const [edits, setEdits] = useState<Event | "new">();
  return (
    <Section
      place="events"
      actions={
        may && (
          <Button variant="primary" onClick={() => setEdits("new")}>
            <Zap />
            {t("events.add")}
          </Button>
        )
      }
    >
      <Listed
        of={KEY}
        read={(query, signal) => given(api.GET("/api/v1/event-schemas", { params: { query }, signal }))}
        empty={
          <Empty icon={Zap} title={t("events.none")}>
            {t("events.none_detail")}
          </Empty>
        }
      >
        {(rows) => (
          <Table label={t("place.events")}>
            <Head>
              <tr>
                <Column>{t("events.name")}</Column>
                <Column>{t("events.fields")}</Column>
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
                    <code>{row.name}</code>
                  </Cell>
                  <Cell className="text-muted-foreground">
                    {Object.keys((row.data_schema.properties ?? {}) as object).join(", ")}
                  </Cell>
                  <Cell className="text-muted-foreground max-sm:hidden">
                    <Time at={row.updated_at} />
                  </Cell>
                  <Cell className="text-right">
                    {may && (
                      <span className="flex justify-end gap-2">
                        <Button size="sm" onClick={() => setEdits(row)}>
                          {t("edit")}
                        </Button>
                        <Removing
                          title={t("events.remove_title", { name: row.name })}
                          detail={t("events.remove_detail")}
                          remove={() =>
                            given(
                              api.DELETE("/api/v1/event-schemas/{name}", {
                                params: { path: { name: row.name } },
                              }),
                            )
                          }
                          anew={KEY}
                        />
                      </span>
                    )}
                  </Cell>
                </Row>
              ))}
            </Body>
          </Table>
        )}
      </Listed>
      {edits && <Edit row={edits === "new" ? undefined : edits} onClose={() => setEdits(undefined)} />}
    </Section>
  );
}

function Edit({ row, onClose }: { row: Event | undefined; onClose: () => void }) {
  const { t } = useTranslation(["settings", "frame"]);
  const typed = useKept(`event.${row?.name ?? ""}`, {
    name: row?.name ?? "",
    schema: row ? JSON.stringify(row.data_schema, null, 2) : SAMPLE,
  });
  const { name, schema } = typed.values;
  const read = readJson(schema);
  const save = useDo(
    (data_schema: Record<string, unknown>) =>
      given(
        api.PUT("/api/v1/event-schemas/{name}", {
          params: { path: { name: name.trim() } },
          body: { data_schema },
        }),
      ),
    {
      anew: KEY,
      shown: true,
      onDone: () => {
        typed.saved();
        onClose();
      },
    },
  );
  return (
    <Editing
      title={row ? row.name : t("events.add")}
      place="side"
      of={typed}
      labels={{ schema: t("events.schema") }}
      save={save}
      fields={["name", "data_schema"]}
      places={{ "event_schemas.unfit": "data_schema" }}
      ready={"value" in read && name.trim() !== ""}
      onSend={() => "value" in read && save.mutate(read.value)}
      onClose={onClose}
    >
      {(fault) => (
        <>
          {!row && (
            <Field label={t("events.name")} hint={t("events.name_hint")} error={fault("name")}>
              <Input
                required
                autoFocus
                placeholder="order.shipped"
                value={name}
                spellCheck={false}
                onChange={(event) => typed.set({ name: event.target.value })}
              />
            </Field>
          )}
          <Field label={t("events.schema")} error={"why" in read ? read.why : fault("data_schema")}>
            <JsonField
              rows={14}
              value={schema}
              onChange={(event) => typed.set({ schema: event.target.value })}
            />
          </Field>
        </>
      )}
    </Editing>
  );
}
