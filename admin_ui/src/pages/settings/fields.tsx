import { ListPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { useMay } from "../../api/session";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Form } from "../../ui/form";
import { Input, Select } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Checkbox } from "../../ui/switch";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Removing } from "./removing";
import { Listed, Section, useDo } from "./section";

type Type = Schemas["FieldIn"]["type"];
const KEY = ["contact-fields"];
const TYPES: Type[] = ["string", "integer", "number", "boolean", "date"];

export function Fields() {
  const { t } = useTranslation("settings");
  const may = useMay("admin");
  return (
    <Section place="fields">
      {may && <Declare />}
      <Listed
        of={[...KEY, "pages"]}
        read={(query, signal) => given(api.GET("/api/v1/contact-fields", { params: { query }, signal }))}
        empty={
          <Empty icon={ListPlus} title={t("fields.none")}>
            {t("fields.none_detail")}
          </Empty>
        }
      >
        {(rows) => (
          <Table label={t("place.fields")}>
            <Head>
              <tr>
                <Column>{t("fields.name")}</Column>
                <Column>{t("fields.title")}</Column>
                <Column>{t("fields.type")}</Column>
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
                  <Cell>{row.title}</Cell>
                  <Cell>
                    {t(`fields.types.${row.type}`)}{" "}
                    {row.pii && <Badge tone="info">{t("fields.pii_short")}</Badge>}
                  </Cell>
                  <Cell className="text-right">
                    {may && (
                      <Removing
                        title={t("fields.remove_title", { name: row.name })}
                        detail={t("fields.remove_detail")}
                        remove={() =>
                          given(
                            api.DELETE("/api/v1/contact-fields/{name}", {
                              params: { path: { name: row.name } },
                            }),
                          )
                        }
                        anew={KEY}
                      />
                    )}
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

function Declare() {
  const { t } = useTranslation("settings");
  const typed = useKept("contact-field", { name: "", title: "", type: "string" as Type, pii: true });
  const { name, title, type, pii } = typed.values;
  const put = useDo(
    () =>
      given(
        api.PUT("/api/v1/contact-fields/{name}", {
          params: { path: { name: name.trim() } },
          body: { type, pii, title: title.trim() },
        }),
      ),
    {
      anew: KEY,
      shown: true,
      onDone: () => typed.saved(),
    },
  );
  return (
    <Form
      of={typed}
      error={put.error}
      fields={["name", "title"]}
      places={{ "contact_fields.built_in": "name" }}
      onSend={() => put.mutate(undefined)}
      className="space-y-2"
    >
      {(fault) => (
        <div className="flex flex-wrap items-end gap-2 max-sm:grid max-sm:gap-3">
          <Field label={t("fields.name")} error={fault("name")} className="sm:w-40">
            <Input
              required
              value={name}
              placeholder="city"
              onChange={(event) => typed.set({ name: event.target.value })}
            />
          </Field>
          <Field label={t("fields.title")} error={fault("title")} className="sm:w-48">
            <Input value={title} onChange={(event) => typed.set({ title: event.target.value })} />
          </Field>
          <Field label={t("fields.type")} className="sm:w-36">
            <Select value={type} onChange={(event) => typed.set({ type: event.target.value as Type })}>
              {TYPES.map((each) => (
                <option key={each} value={each}>
                  {t(`fields.types.${each}`)}
                </option>
              ))}
            </Select>
          </Field>
          <label htmlFor="field-pii" className="flex h-8 items-center gap-2 text-[13px]">
            <Checkbox
              id="field-pii"
              checked={pii}
              onChange={(event) => typed.set({ pii: event.target.checked })}
            />
            {t("fields.pii")}
          </label>
          <Button type="submit" busy={put.isPending} disabled={name.trim() === ""}>
            {t("fields.add")}
          </Button>
        </div>
      )}
    </Form>
  );
}
