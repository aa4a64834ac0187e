import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import type { Role } from "../../api/session";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Body, Cell, Column, Head, Row, Table } from "../../ui/table";
import { Time } from "../../ui/time";
import { Editing } from "./editing";
import { Removing } from "./removing";
import { Listed, Once, RoleSelect, Section, useDo } from "./section";

const KEY = ["api-keys"];

export function ApiKeys() {
  const { t } = useTranslation(["settings", "frame"]);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Schemas["ApiKeyMade"]>();
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
                  <Cell className="text-right">
                    <Removing
                      title={t("keys.revoke_title", { name: key.name })}
                      detail={t("keys.revoke_detail")}
                      act={t("keys.revoke")}
                      remove={() =>
                        given(api.DELETE("/api/v1/api-keys/{key}", { params: { path: { key: key.id } } }))
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
          <pre className="whitespace-pre-wrap break-words rounded-md bg-muted p-2 text-xs">
            {`curl -H "Authorization: Bearer …" ${location.origin}/api/v1/me`}
          </pre>
        </Once>
      )}
    </Section>
  );
}

function Make({ onClose, onMade }: { onClose: () => void; onMade: (key: Schemas["ApiKeyMade"]) => void }) {
  const { t } = useTranslation("settings");
  const typed = useKept("api-key", { name: "", role: "viewer" as Role, scopes: "", ends: "" });
  const { name, role, scopes, ends } = typed.values;
  const make = useDo(
    () =>
      given(
        api.POST("/api/v1/api-keys", {
          params: { header: ONCE },
          body: {
            name: name.trim(),
            role,
            scopes: scopes.trim() === "" ? null : scopes.split(/[\s,]+/).filter(Boolean),
            expires_at: ends === "" ? null : new Date(`${ends}T23:59:59`).toISOString(),
          },
        }),
      ),
    {
      anew: KEY,
      shown: true,
      onDone: (key) => {
        typed.saved();
        onMade(key);
      },
    },
  );
  return (
    <Editing
      title={t("keys.make")}
      act={t("keys.make")}
      of={typed}
      save={make}
      fields={["name", "scopes", "expires_at"]}
      places={{ "api_keys.scope_unknown": "scopes", "api_keys.expiry_past": "expires_at" }}
      ready={name.trim() !== ""}
      onSend={() => make.mutate(undefined)}
      onClose={onClose}
    >
      {(fault) => (
        <>
          <Field label={t("keys.name")} hint={t("keys.name_hint")} error={fault("name")}>
            <Input
              required
              autoFocus
              maxLength={100}
              value={name}
              onChange={(event) => typed.set({ name: event.target.value })}
            />
          </Field>
          <Field label={t("keys.may")} hint={t(`role_means.${role}`)}>
            <RoleSelect value={role} onChange={(next) => typed.set({ role: next })} />
          </Field>
          <Field label={t("keys.scopes")} hint={t("keys.scopes_hint")} error={fault("scopes")}>
            <Input
              value={scopes}
              onChange={(event) => typed.set({ scopes: event.target.value })}
              placeholder="events, conversations:read"
              spellCheck={false}
            />
          </Field>
          <Field label={t("keys.ends")} hint={t("keys.ends_hint")} error={fault("expires_at")}>
            <Input type="date" value={ends} onChange={(event) => typed.set({ ends: event.target.value })} />
          </Field>
        </>
      )}
    </Editing>
  );
}
