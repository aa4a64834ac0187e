import { Blocks } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { useMay } from "../../api/session";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Card } from "../../ui/card";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Notice } from "../../ui/notice";
import { changed } from "../../ui/typed";
import { Editing } from "./editing";
import { Removing } from "./removing";
import { sampleOf } from "./sample";
import { JsonField, Listed, Once, readJson, Section, useDo } from "./section";

type Action = Schemas["CustomActionOut"];
const KEY = ["custom-actions"];
const SAMPLE = `{
  "type": "object",
  "required": ["email"],
  "properties": { "email": { "type": "string", "format": "email" } }
}`;

export function Actions() {
  const { t } = useTranslation("settings");
  const may = useMay("admin");
  const [edits, setEdits] = useState<Action | "new">();
  const [tries, setTries] = useState<Action>();
  const [secret, setSecret] = useState("");
  return (
    <Section
      place="actions"
      needs="editor"
      actions={
        may && (
          <Button variant="primary" onClick={() => setEdits("new")}>
            <Blocks />
            {t("actions.add")}
          </Button>
        )
      }
    >
      <Listed
        of={KEY}
        read={(query, signal) => given(api.GET("/api/v1/custom-actions", { params: { query }, signal }))}
        empty={
          <Empty icon={Blocks} title={t("actions.none")}>
            {t("actions.none_detail")}
          </Empty>
        }
      >
        {(rows) => (
          <div className="space-y-3">
            {rows.map((row) => (
              <One key={row.id} row={row} may={may} onEdit={setEdits} onTry={setTries} onSecret={setSecret} />
            ))}
          </div>
        )}
      </Listed>
      {edits && (
        <Edit
          row={edits === "new" ? undefined : edits}
          onClose={() => setEdits(undefined)}
          onSecret={setSecret}
        />
      )}
      {tries && <Try row={tries} onClose={() => setTries(undefined)} />}
      {secret && (
        <Once title={t("hooks.secret")} text={secret} onClose={() => setSecret("")}>
          <p className="text-muted-foreground text-[13px]">{t("actions.secret_detail")}</p>
        </Once>
      )}
    </Section>
  );
}

function One({
  row,
  may,
  onEdit,
  onTry,
  onSecret,
}: {
  row: Action;
  may: boolean;
  onEdit: (row: Action) => void;
  onTry: (row: Action) => void;
  onSecret: (secret: string) => void;
}) {
  const { t } = useTranslation("settings");
  const path = { name: row.name };
  const renew = useDo(
    () =>
      given(
        api.POST("/api/v1/custom-actions/{name}/new-secret", {
          params: { path, header: ONCE },
        }),
      ),
    { anew: KEY, onDone: (made) => onSecret(made.secret) },
  );
  return (
    <Card className="space-y-2 p-4">
      <h3 className="font-medium">
        {row.title || row.name} <code className="text-muted-foreground text-xs">{row.name}</code>
      </h3>
      {row.description && <p className="text-[13px]">{row.description}</p>}
      <p className="truncate font-mono text-muted-foreground text-xs">{row.url}</p>
      <p className="flex flex-wrap gap-1">
        {row.outcomes.map((outcome) => (
          <Badge key={outcome}>{outcome}</Badge>
        ))}
      </p>
      {may && (
        <div className="flex flex-wrap gap-2">
          <Button size="sm" onClick={() => onTry(row)}>
            {t("actions.try")}
          </Button>
          <Button size="sm" onClick={() => onEdit(row)}>
            {t("edit")}
          </Button>
          <Button size="sm" busy={renew.isPending} onClick={() => renew.mutate(undefined)}>
            {t("hooks.new_secret")}
          </Button>
          <Removing
            title={t("actions.remove_title", { name: row.name })}
            detail={t("actions.remove_detail")}
            remove={() => given(api.DELETE("/api/v1/custom-actions/{name}", { params: { path } }))}
            anew={KEY}
          />
        </div>
      )}
    </Card>
  );
}

function Edit({
  row,
  onClose,
  onSecret,
}: {
  row: Action | undefined;
  onClose: () => void;
  onSecret: (secret: string) => void;
}) {
  const { t } = useTranslation(["settings", "frame"]);
  const typed = useKept(`action.${row?.name ?? ""}`, {
    name: row?.name ?? "",
    title: row?.title ?? "",
    url: row?.url ?? "https://",
    outcomes: row?.outcomes.join(", ") ?? "done",
    schema: row ? JSON.stringify(row.input_schema, null, 2) : SAMPLE,
  });
  const { name, title, url, outcomes, schema } = typed.values;
  const read = readJson(schema);
  const save = useDo(
    async (input_schema: Record<string, unknown>) => {
      const body = {
        title: title.trim(),
        url: url.trim(),
        outcomes: outcomes.split(/[\s,]+/).filter(Boolean),
        input_schema,
      };
      if (row) {
        await given(
          api.PATCH("/api/v1/custom-actions/{name}", {
            params: { path: { name: row.name } },
            body: changed(row, body), // what somebody else changed meanwhile stays
          }),
        );
        return "";
      }
      const made = await given(
        api.POST("/api/v1/custom-actions", {
          params: { header: ONCE },
          body: { ...body, name: name.trim() } as Schemas["ActionIn"],
        }),
      );
      return made.secret;
    },
    {
      anew: KEY,
      shown: true,
      onDone: (secret) => {
        typed.saved();
        onClose();
        onSecret(secret);
      },
    },
  );
  return (
    <Editing
      title={row ? row.name : t("actions.add")}
      place="side"
      of={typed}
      labels={{
        title: t("actions.title"),
        url: t("hooks.url"),
        outcomes: t("actions.outcomes"),
        schema: t("actions.input"),
      }}
      save={save}
      fields={["name", "title", "url", "outcomes", "input_schema"]}
      places={{ taken: "name" }}
      ready={"value" in read}
      onSend={() => "value" in read && save.mutate(read.value)}
      onClose={onClose}
    >
      {(fault) => (
        <>
          {!row && (
            <Field label={t("actions.name")} hint={t("actions.name_hint")} error={fault("name")}>
              <Input
                required
                autoFocus
                pattern="[a-z][a-z0-9_]*"
                maxLength={64}
                value={name}
                onChange={(event) => typed.set({ name: event.target.value })}
              />
            </Field>
          )}
          <Field label={t("actions.title")} error={fault("title")}>
            <Input value={title} onChange={(event) => typed.set({ title: event.target.value })} />
          </Field>
          <Field label={t("hooks.url")} error={fault("url")}>
            <Input
              required
              type="url"
              value={url}
              spellCheck={false}
              onChange={(event) => typed.set({ url: event.target.value })}
            />
          </Field>
          <Field label={t("actions.outcomes")} hint={t("actions.outcomes_hint")} error={fault("outcomes")}>
            <Input
              required
              value={outcomes}
              spellCheck={false}
              onChange={(event) => typed.set({ outcomes: event.target.value })}
            />
          </Field>
          <Field
            label={t("actions.input")}
            hint={t("actions.input_hint")}
            error={"why" in read ? read.why : fault("input_schema")}
          >
            <JsonField value={schema} onChange={(event) => typed.set({ schema: event.target.value })} />
          </Field>
        </>
      )}
    </Editing>
  );
}

function Try({ row, onClose }: { row: Action; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const typed = useKept(`action.${row.name}.sample`, {
    text: JSON.stringify(sampleOf(row.input_schema), null, 2),
  });
  const { text } = typed.values;
  const read = readJson(text);
  const attempt = useDo(
    (input: Record<string, unknown>) =>
      given(
        api.POST("/api/v1/custom-actions/{name}/try", {
          params: { path: { name: row.name }, header: ONCE },
          body: { input },
        }),
      ),
    { anew: KEY, shown: true },
  );
  const told = attempt.data;
  return (
    <Editing
      title={t("actions.try_title", { name: row.title || row.name })}
      description={t("actions.try_lead")}
      act={t("actions.try")}
      save={attempt}
      fields={["input"]}
      places={{ "custom_actions.sample_unfit": "input" }}
      ready={"value" in read}
      onSend={() => "value" in read && attempt.mutate(read.value)}
      onClose={onClose}
    >
      {(fault) => (
        <>
          <Field label={t("actions.sample")} error={"why" in read ? read.why : fault("input")}>
            <JsonField value={text} onChange={(event) => typed.set({ text: event.target.value })} />
          </Field>
          {told && (
            <Notice
              kind={told.fault ? "problem" : "success"}
              title={
                told.fault ||
                (told.later ? t("actions.later") : t("actions.outcome", { outcome: told.outcome ?? "?" }))
              }
            >
              <p className="text-xs">
                {told.status !== null && `HTTP ${told.status} · `}
                {told.took_ms} ms
              </p>
              {told.data !== null && told.data !== undefined && (
                <pre
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
                  tabIndex={0}
                  className="max-h-48 overflow-auto text-xs"
                >
                  {JSON.stringify(told.data, null, 2)}
                </pre>
              )}
            </Notice>
          )}
        </>
      )}
    </Editing>
  );
}
