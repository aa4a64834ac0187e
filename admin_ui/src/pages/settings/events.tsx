import { Zap } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { Problem } from "../../api/problems";
import { useMay } from "../../api/session";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { ProblemNotice } from "../../ui/notice";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Time } from "../../ui/time";
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
  const remove = useDo(
    (name: string) => given(api.DELETE("/api/v1/event-schemas/{name}", { params: { path: { name } } })),
    { anew: KEY },
  );
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
                  <Cell>
                    {may && (
                      <span className="flex gap-2">
                        <Button size="sm" onClick={() => setEdits(row)}>
                          {t("edit")}
                        </Button>
                        <Button size="sm" onClick={() => remove.mutate(row.name)}>
                          {t("remove")}
                        </Button>
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
  const [name, setName] = useState(row?.name ?? "");
  const [schema, setSchema] = useState(row ? JSON.stringify(row.data_schema, null, 2) : SAMPLE);
  const read = readJson(schema);
  const save = useDo(
    (data_schema: Record<string, unknown>) =>
      given(
        api.PUT("/api/v1/event-schemas/{name}", {
          params: { path: { name: name.trim() } },
          body: { data_schema },
        }),
      ),
    { anew: KEY, shown: true, onDone: onClose },
  );
  const problem = save.error instanceof Problem ? save.error : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if ("value" in read) save.mutate(read.value);
  };
  return (
    <Dialog open onOpenChange={onClose} title={row ? row.name : t("events.add")} place="side">
      <form onSubmit={submit} className="space-y-3">
        {!row && (
          <Field label={t("events.name")} hint={t("events.name_hint")} error={problem?.fault("name")}>
            <Input
              required
              autoFocus
              placeholder="order.shipped"
              value={name}
              spellCheck={false}
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
        )}
        <Field label={t("events.schema")} error={"why" in read ? read.why : problem?.fault("data_schema")}>
          <JsonField rows={14} value={schema} onChange={(event) => setSchema(event.target.value)} />
        </Field>
        <ProblemNotice error={save.error} fields={["name", "data_schema"]} />
        <Button
          type="submit"
          variant="primary"
          busy={save.isPending}
          disabled={"why" in read || name.trim() === ""}
        >
          {t("frame:action.save")}
        </Button>
      </form>
    </Dialog>
  );
}
