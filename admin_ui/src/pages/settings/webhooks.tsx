import { Webhook } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Card } from "../../ui/card";
import { Dialog } from "../../ui/dialog";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Notice } from "../../ui/notice";
import { Checkbox, Switch } from "../../ui/switch";
import { Moment, Time } from "../../ui/time";
import { changed } from "../../ui/typed";
import { Editing } from "./editing";
import { Removing } from "./removing";
import { Listed, Once, Section, useDo } from "./section";

type Endpoint = Schemas["EndpointOut"];
type Type = Schemas["EndpointIn"]["types"][number];
const KEY = ["webhooks"];
const TYPES: Type[] = [
  "message.received",
  "message.sent",
  "message.status",
  "run.started",
  "run.ended",
  "run.handed_off",
  "number.state",
  "bot.published",
];

export function Webhooks() {
  const { t } = useTranslation("settings");
  const [edits, setEdits] = useState<Endpoint | "new">();
  const [secret, setSecret] = useState("");
  const [log, setLog] = useState<Endpoint>();
  return (
    <Section
      place="webhooks"
      needs="admin"
      actions={
        <Button variant="primary" onClick={() => setEdits("new")}>
          <Webhook />
          {t("hooks.add")}
        </Button>
      }
    >
      <Listed
        of={KEY}
        read={(query, signal) => given(api.GET("/api/v1/webhooks", { params: { query }, signal }))}
        empty={
          <Empty icon={Webhook} title={t("hooks.none")}>
            {t("hooks.none_detail")}
          </Empty>
        }
      >
        {(rows) => (
          <div className="space-y-3">
            {rows.map((row) => (
              <One key={row.id} row={row} onEdit={setEdits} onSecret={setSecret} onLog={setLog} />
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
      {secret && (
        <Once title={t("hooks.secret")} text={secret} onClose={() => setSecret("")}>
          <p className="text-muted-foreground text-[13px]">{t("hooks.secret_detail")}</p>
        </Once>
      )}
      {log && <Log endpoint={log} onClose={() => setLog(undefined)} />}
    </Section>
  );
}

function One({
  row,
  onEdit,
  onSecret,
  onLog,
}: {
  row: Endpoint;
  onEdit: (row: Endpoint) => void;
  onSecret: (secret: string) => void;
  onLog: (row: Endpoint) => void;
}) {
  const { t } = useTranslation("settings");
  const path = { endpoint: row.id };
  const posted = () => ({ path, header: ONCE });
  const enable = useDo(
    (enabled: boolean) =>
      given(api.PATCH("/api/v1/webhooks/{endpoint}", { params: { path }, body: { enabled } })),
    { anew: KEY },
  );
  const test = useDo(() => given(api.POST("/api/v1/webhooks/{endpoint}/test", { params: posted() })), {
    anew: KEY,
    done: t("hooks.tested"),
    onDone: () => onLog(row),
  });
  const renew = useDo(() => given(api.POST("/api/v1/webhooks/{endpoint}/new-secret", { params: posted() })), {
    anew: KEY,
    onDone: (made) => onSecret(made.secret),
  });
  return (
    <Card className="space-y-2 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="min-w-0 flex-1 truncate font-medium">{row.name}</h3>
        {row.failing_since && !row.disabled_at && (
          <Badge tone="warning">
            {t("hooks.failing")} <Moment at={row.failing_since} />
          </Badge>
        )}
        <Switch
          aria-label={t("hooks.enabled")}
          checked={row.disabled_at === null}
          disabled={enable.isPending}
          onCheckedChange={(on) => enable.mutate(on)}
        />
      </div>
      <p className="truncate font-mono text-muted-foreground text-xs">{row.url}</p>
      <p className="text-[13px]">{row.types.join(", ")}</p>
      {row.disabled_at && (
        <Notice kind="warning">
          {t("hooks.disabled")} <Time at={row.disabled_at} />. {row.disabled_why}
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => onLog(row)}>
          {t("hooks.log")}
        </Button>
        <Button size="sm" busy={test.isPending} onClick={() => test.mutate(undefined)}>
          {t("hooks.test")}
        </Button>
        <Button size="sm" onClick={() => onEdit(row)}>
          {t("edit")}
        </Button>
        <Button size="sm" busy={renew.isPending} onClick={() => renew.mutate(undefined)}>
          {t("hooks.new_secret")}
        </Button>
        <Removing
          title={t("hooks.remove_title", { name: row.name })}
          detail={t("hooks.remove_detail")}
          remove={() => given(api.DELETE("/api/v1/webhooks/{endpoint}", { params: { path } }))}
          anew={KEY}
        />
      </div>
    </Card>
  );
}

function Edit({
  row,
  onClose,
  onSecret,
}: {
  row: Endpoint | undefined;
  onClose: () => void;
  onSecret: (secret: string) => void;
}) {
  const { t } = useTranslation(["settings", "frame"]);
  const typed = useKept(`webhook.${row?.id ?? ""}`, {
    name: row?.name ?? "",
    url: row?.url ?? "https://",
    types: ((row?.types as Type[] | undefined) ?? ["message.received", "run.ended"]) as Type[],
  });
  const { name, url, types } = typed.values;
  const save = useDo(
    async () => {
      const body = { name: name.trim(), url: url.trim(), types };
      if (row) {
        // Only what was changed: what somebody else changed meanwhile stays.
        await given(
          api.PATCH("/api/v1/webhooks/{endpoint}", {
            params: { path: { endpoint: row.id } },
            body: changed(row, body),
          }),
        );
        return "";
      }
      const made = await given(
        api.POST("/api/v1/webhooks", {
          params: { header: ONCE },
          body: { ...body, numbers: [], bots: [] },
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
      title={row ? row.name : t("hooks.add")}
      description={t("hooks.lead")}
      of={typed}
      labels={{ name: t("hooks.name"), url: t("hooks.url"), types: t("hooks.types") }}
      save={save}
      fields={["name", "url"]}
      places={{ taken: "name" }}
      ready={types.length > 0}
      onSend={() => save.mutate(undefined)}
      onClose={onClose}
    >
      {(fault) => (
        <>
          <Field label={t("hooks.name")} error={fault("name")}>
            <Input
              required
              autoFocus
              maxLength={100}
              value={name}
              onChange={(event) => typed.set({ name: event.target.value })}
            />
          </Field>
          <Field label={t("hooks.url")} error={fault("url")}>
            <Input
              required
              type="url"
              value={url}
              onChange={(event) => typed.set({ url: event.target.value })}
              spellCheck={false}
            />
          </Field>
          <fieldset className="space-y-1">
            <legend className="font-medium text-[13px]">{t("hooks.types")}</legend>
            {TYPES.map((type) => (
              <label
                key={type}
                htmlFor={`told-${type}`}
                className="flex items-center gap-2 text-[13px] pointer-coarse:py-1.5"
              >
                <Checkbox
                  id={`told-${type}`}
                  checked={types.includes(type)}
                  onChange={(event) =>
                    typed.set({
                      types: event.target.checked ? [...types, type] : types.filter((each) => each !== type),
                    })
                  }
                />
                <code className="sm:w-32">{type}</code>
                <span className="text-muted-foreground">
                  {t(`hooks.type.${type.replace(".", "_") as "run_ended"}`)}
                </span>
              </label>
            ))}
          </fieldset>
        </>
      )}
    </Editing>
  );
}

function Log({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const key = ["webhooks", endpoint.id, "deliveries"];
  const again = useDo(
    (delivery: number) =>
      given(
        api.POST("/api/v1/webhooks/{endpoint}/deliveries/{delivery}/replay", {
          params: {
            path: { endpoint: endpoint.id, delivery },
            header: ONCE,
          },
        }),
      ),
    { anew: key, done: t("hooks.replayed") },
  );
  return (
    <Dialog open onOpenChange={onClose} title={t("hooks.log_of", { name: endpoint.name })} place="side">
      <Listed
        of={key}
        read={(query, signal) =>
          given(
            api.GET("/api/v1/webhooks/{endpoint}/deliveries", {
              params: { path: { endpoint: endpoint.id }, query },
              signal,
            }),
          )
        }
        empty={<Empty icon={Webhook} title={t("hooks.log_empty")} />}
        moves={(row) => row.state === "waiting"}
      >
        {(rows) => (
          <ul className="divide-y text-[13px]">
            {rows.map((row) => (
              <li key={row.id} className="flex items-start gap-3 py-2">
                <div className="min-w-0 flex-1">
                  <p className="flex flex-wrap items-center gap-2">
                    <code>{row.type}</code>
                    <Badge
                      tone={row.state === "delivered" ? "good" : row.state === "failed" ? "bad" : "neutral"}
                    >
                      {t(`hooks.state.${row.state}`)}
                      {row.status !== null && ` ${row.status}`}
                    </Badge>
                  </p>
                  <p className="text-muted-foreground text-xs">
                    <Time at={row.happened_at} /> · {t("hooks.tries", { count: row.tries })}
                    {row.next_try_at && (
                      <>
                        {" · "}
                        {t("hooks.next")} <Time at={row.next_try_at} />
                      </>
                    )}
                  </p>
                  {row.error && <p className="break-words text-destructive text-xs">{row.error}</p>}
                </div>
                {row.state !== "waiting" && (
                  <Button
                    size="sm"
                    busy={again.isPending && again.variables === row.id}
                    onClick={() => again.mutate(row.id)}
                  >
                    {t("hooks.replay")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Listed>
    </Dialog>
  );
}
