import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, idempotencyKey, type Schemas } from "../../api/client";
import { Problem, words } from "../../api/problems";
import type { Role } from "../../api/session";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Dialog } from "../../ui/dialog";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { ProblemNotice } from "../../ui/notice";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { Listed, Once, RoleSelect, Section, useDo } from "./section";

type Key = Schemas["ApiKeyOut"];
const KEY = ["api-keys"];

export function ApiKeys() {
  const { t } = useTranslation(["settings", "frame"]);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Schemas["ApiKeyMade"]>();
  const [revokes, setRevokes] = useState<Key>();
  const revoke = useDo(
    (key: string) => given(api.DELETE("/api/v1/api-keys/{key}", { params: { path: { key } } })),
    { anew: KEY, shown: true, onDone: () => setRevokes(undefined) },
  );
  return (
    <Section
      place="api-keys"
      needs="admin"
      actions={
        <Button variant="primary" onClick={() => setMaking(true)}>
          <KeyRound />
          {t("keys.make")}
        </Button>
      }
    >
      <Listed
        of={KEY}
        read={(query, signal) => given(api.GET("/api/v1/api-keys", { params: { query }, signal }))}
        empty={
          <Empty icon={KeyRound} title={t("keys.none")}>
            {t("keys.none_detail")}
          </Empty>
        }
      >
        {(keys) => (
          <Table label={t("place.api-keys")}>
            <Head>
              <tr>
                <Column>{t("keys.name")}</Column>
                <Column>{t("keys.may")}</Column>
                <Column className="max-sm:hidden">{t("keys.used")}</Column>
                <Column className="max-sm:hidden">{t("keys.ends")}</Column>
                <Column>
                  <span className="sr-only">{t("act")}</span>
                </Column>
              </tr>
            </Head>
            <Body>
              {keys.map((key) => (
                <Row key={key.id}>
                  <Cell>
                    <p className="font-medium">{key.name}</p>
                    <code className="text-muted-foreground text-xs">{key.hint}…</code>
                  </Cell>
                  <Cell>
                    {t(`frame:role.${key.role}`)}
                    {key.scopes && <p className="text-muted-foreground text-xs">{key.scopes.join(", ")}</p>}
                  </Cell>
                  <Cell className="text-muted-foreground max-sm:hidden">
                    {key.used_at ? <Time at={key.used_at} /> : t("people.never")}
                  </Cell>
                  <Cell className="text-muted-foreground max-sm:hidden">
                    {key.expires_at ? <Time at={key.expires_at} /> : t("keys.for_good")}
                  </Cell>
                  <Cell>
                    <Button size="sm" onClick={() => setRevokes(key)}>
                      {t("keys.revoke")}
                    </Button>
                  </Cell>
                </Row>
              ))}
            </Body>
          </Table>
        )}
      </Listed>
      {making && (
        <Make
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false);
            setMade(key);
          }}
        />
      )}
      {made && (
        <Once title={t("keys.made", { name: made.name })} text={made.key} onClose={() => setMade(undefined)}>
          <pre className="overflow-x-auto rounded-md bg-muted p-2 text-xs">
            {`curl -H "Authorization: Bearer …" ${location.origin}/api/v1/me`}
          </pre>
        </Once>
      )}
      <Confirm
        open={revokes !== undefined}
        onOpenChange={() => setRevokes(undefined)}
        title={t("keys.revoke_title", { name: revokes?.name ?? "" })}
        act={t("keys.revoke")}
        danger
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revokes && revoke.mutate(revokes.id)}
      >
        <p>{t("keys.revoke_detail")}</p>
      </Confirm>
    </Section>
  );
}

function Make({ onClose, onMade }: { onClose: () => void; onMade: (key: Schemas["ApiKeyMade"]) => void }) {
  const { t } = useTranslation("settings");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [scopes, setScopes] = useState("");
  const [ends, setEnds] = useState("");
  const make = useDo(
    () =>
      given(
        api.POST("/api/v1/api-keys", {
          params: { header: { "Idempotency-Key": idempotencyKey() } },
          body: {
            name: name.trim(),
            role,
            scopes: scopes.trim() === "" ? null : scopes.split(/[\s,]+/).filter(Boolean),
            expires_at: ends === "" ? null : new Date(`${ends}T23:59:59`).toISOString(),
          },
        }),
      ),
    { anew: KEY, shown: true, onDone: onMade },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate(undefined);
  };
  const problem = make.error instanceof Problem ? make.error : undefined;
  const scopeFault =
    problem?.fault("scopes") ?? (problem?.code.includes("scope") ? words(problem).detail : undefined);
  return (
    <Dialog open onOpenChange={onClose} title={t("keys.make")}>
      <form onSubmit={submit} className="space-y-3">
        <Field label={t("keys.name")} hint={t("keys.name_hint")} error={problem?.fault("name")}>
          <Input
            required
            autoFocus
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field label={t("keys.may")} hint={t(`role_means.${role}`)}>
          <RoleSelect value={role} onChange={setRole} />
        </Field>
        <Field label={t("keys.scopes")} hint={t("keys.scopes_hint")} error={scopeFault}>
          <Input
            value={scopes}
            onChange={(event) => setScopes(event.target.value)}
            placeholder="events, conversations:read"
            spellCheck={false}
          />
        </Field>
        <Field label={t("keys.ends")} hint={t("keys.ends_hint")} error={problem?.fault("expires_at")}>
          <Input type="date" value={ends} onChange={(event) => setEnds(event.target.value)} />
        </Field>
        {!scopeFault && <ProblemNotice error={make.error} fields={["name", "expires_at"]} />}
        <Button type="submit" variant="primary" busy={make.isPending} disabled={name.trim() === ""}>
          {t("keys.make")}
        </Button>
      </form>
    </Dialog>
  );
}
