import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { meChanged, useMe } from "../../api/session";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Card } from "../../ui/card";
import { Copyable, CopyButton } from "../../ui/copy-button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Form } from "../../ui/form";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Notice } from "../../ui/notice";
import { Time } from "../../ui/time";
import { Listed, Section, useDo } from "./section";

const ME = ["me"];

export function Account() {
  return (
    <Section place="account">
      <Name />
      <Password />
      <SecondFactor />
      <SignIns />
    </Section>
  );
}

function Name() {
  const { t } = useTranslation(["settings", "frame"]);
  const me = useMe();
  const typed = useKept("me", { name: me.name });
  const { name } = typed.values;
  const save = useDo((to: string) => given(api.PATCH("/api/v1/me", { body: { name: to } })), {
    anew: ME,
    done: t("saved"),
    shown: true,
    onDone: (now) => {
      meChanged(now);
      typed.saved();
    },
  });
  return (
    <Card className="p-4">
      <Form
        of={typed}
        labels={{ name: t("account.name") }}
        error={save.error}
        fields={["name"]}
        onSend={() => save.mutate(name.trim())}
        foot={
          <Button type="submit" busy={save.isPending} disabled={name.trim() === me.name}>
            {t("frame:action.save")}
          </Button>
        }
      >
        {(fault) => (
          <Field
            label={t("account.name")}
            hint={me.email}
            error={fault("name")}
            className="sm:w-[calc(50%-0.375rem)]"
          >
            <Input
              value={name}
              required
              maxLength={100}
              onChange={(event) => typed.set({ name: event.target.value })}
            />
          </Field>
        )}
      </Form>
    </Card>
  );
}

function Password() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useDo(() => given(api.POST("/api/v1/me/password", { body: { current, new: fresh } })), {
    anew: ["sign-ins"],
    done: t("account.password_changed"),
    shown: true,
    onDone: () => {
      setCurrent("");
      setFresh("");
    },
  });
  return (
    <Card className="p-4">
      <Form
        error={change.error}
        fields={["current", "new"]}
        places={{ "passwords.refused": "current", "passwords.weak": "new" }}
        onSend={() => change.mutate(undefined)}
        foot={
          <Button type="submit" busy={change.isPending} disabled={current === "" || fresh.length < 12}>
            {t("account.password_change")}
          </Button>
        }
      >
        {(fault) => (
          <>
            <h3 className="font-medium">{t("account.password")}</h3>
            <input type="text" autoComplete="username" value={me.email} readOnly hidden />
            <div className="grid grid-cols-1 items-start gap-3 sm:grid-cols-2">
              <Field label={t("account.password_current")} error={fault("current")}>
                <Input
                  type="password"
                  autoComplete="current-password"
                  value={current}
                  required
                  onChange={(event) => setCurrent(event.target.value)}
                />
              </Field>
              <Field label={t("account.password_new")} hint={t("account.password_hint")} error={fault("new")}>
                <Input
                  type="password"
                  autoComplete="new-password"
                  value={fresh}
                  minLength={12}
                  required
                  onChange={(event) => setFresh(event.target.value)}
                />
              </Field>
            </div>
          </>
        )}
      </Form>
    </Card>
  );
}

function SecondFactor() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const client = useQueryClient();
  const mine = useQuery({ queryKey: ME, queryFn: ({ signal }) => given(api.GET("/api/v1/me", { signal })) });
  const [asks, setAsks] = useState<"on" | "off" | "codes">();
  const close = async () => {
    setAsks(undefined);
    await client.invalidateQueries({ queryKey: ME });
    const now = await client.fetchQuery({ queryKey: ME, queryFn: () => given(api.GET("/api/v1/me")) });
    if (now.user) meChanged(now.user);
  };
  return (
    <Card className="space-y-3 p-4">
      <div className="flex items-center gap-2">
        <h3 className="font-medium">{t("factor.title")}</h3>
        <Badge tone={me.second_factor ? "good" : "neutral"}>
          {t(me.second_factor ? "factor.on" : "factor.off")}
        </Badge>
      </div>
      <p className="max-w-prose text-muted-foreground text-[13px]">{t("factor.lead")}</p>
      {me.second_factor && mine.data?.recovery_codes_left !== null && mine.data && (
        <p className="text-[13px]">{t("factor.left", { count: mine.data.recovery_codes_left ?? 0 })}</p>
      )}
      <div className="flex flex-wrap gap-2">
        {me.second_factor ? (
          <>
            <Button onClick={() => setAsks("codes")}>{t("factor.new_codes")}</Button>
            <Button onClick={() => setAsks("off")}>{t("factor.turn_off")}</Button>
          </>
        ) : (
          <Button onClick={() => setAsks("on")}>{t("factor.turn_on")}</Button>
        )}
      </div>
      {asks && <FactorDialog asks={asks} onClose={close} />}
    </Card>
  );
}

function FactorDialog({ asks, onClose }: { asks: "on" | "off" | "codes"; onClose: () => void }) {
  const { t } = useTranslation(["settings", "frame"]);
  const me = useMe();
  const form = useId();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState<string[]>();
  const [secret, setSecret] = useState<Schemas["EnrolmentOut"]>();
  const told = { anew: ME, shown: true };
  const enrol = useDo(() => given(api.POST("/api/v1/me/second-factor", { body: { password } })), {
    ...told,
    onDone: setSecret,
  });
  const confirm = useDo(() => given(api.POST("/api/v1/me/second-factor/confirm", { body: { code } })), {
    ...told,
    onDone: (made) => setCodes(made.recovery_codes),
  });
  const remove = useDo(
    () => given(api.POST("/api/v1/me/second-factor/remove", { body: { password, code } })),
    { ...told, done: t("factor.removed"), onDone: onClose },
  );
  const renew = useDo(() => given(api.POST("/api/v1/me/recovery-codes", { body: { password } })), {
    ...told,
    onDone: (made) => setCodes(made.recovery_codes),
  });
  const act = asks === "codes" ? renew : asks === "off" ? remove : secret ? confirm : enrol;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(
        codes
          ? "factor.codes"
          : `factor.${asks === "on" ? "turn_on" : asks === "off" ? "turn_off" : "new_codes"}`,
      )}
      footer={
        codes ? (
          <Button variant="primary" onClick={onClose}>
            {t("factor.kept")}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t("frame:action.cancel")}</Button>
            <Button type="submit" form={form} variant="primary" busy={act.isPending}>
              {t("factor.go")}
            </Button>
          </>
        )
      }
    >
      {codes ? (
        <div className="space-y-3">
          <Notice kind="warning">{t("factor.keep_codes")}</Notice>
          <div className="flex items-start gap-2 rounded-md border py-1 pr-1 pl-3">
            <ul className="grid min-w-0 flex-1 grid-cols-2 gap-1 py-2 font-mono text-[13px]">
              {codes.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
            <CopyButton text={codes.join("\n")} label={t("copy")} />
          </div>
        </div>
      ) : (
        <Form
          id={form}
          error={act.error}
          fields={["password", "code"]}
          places={{ "passwords.refused": "password", "second_factor.code_refused": "code" }}
          onSend={() => act.mutate(undefined)}
        >
          {(fault) => (
            <>
              <input type="text" autoComplete="username" value={me.email} readOnly hidden />
              {secret ? (
                <>
                  <p>{t("factor.scan")}</p>
                  <img
                    src={`data:image/svg+xml,${encodeURIComponent(secret.svg)}`}
                    alt={t("factor.qr")}
                    className="mx-auto size-44 rounded-md bg-white p-2"
                  />
                  <Copyable text={secret.secret} label={t("copy")} />
                </>
              ) : (
                <Field label={t("account.password_current")} error={fault("password")}>
                  <Input
                    type="password"
                    autoComplete="current-password"
                    autoFocus
                    value={password}
                    required
                    onChange={(event) => setPassword(event.target.value)}
                  />
                </Field>
              )}
              {(secret || asks === "off") && (
                <Field label={t("factor.code")} error={fault("code")}>
                  <Input
                    value={code}
                    autoComplete="one-time-code"
                    inputMode="numeric"
                    required
                    maxLength={40}
                    className="font-mono tracking-widest"
                    onChange={(event) => setCode(event.target.value)}
                  />
                </Field>
              )}
            </>
          )}
        </Form>
      )}
    </Dialog>
  );
}

/** "Chrome 141, Linux" of what a browser says of itself; of another program, its own words. */
function programOf(agent: string): string {
  const browser = ["Firefox", "Edg", "OPR", "Chrome", "Version"]
    .map((name) => new RegExp(`(${name})/(\\d+)`).exec(agent))
    .find((hit) => hit !== null);
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|CrOS|Linux)/.exec(agent);
  if (!browser || !system) return agent;
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", Version: "Safari" };
  return `${names[browser[1] ?? ""] ?? browser[1]} ${browser[2]}, ${system[1]}`;
}

function SignIns() {
  const { t } = useTranslation("settings");
  const key = ["sign-ins"];
  const end = useDo(
    (sign_in: string) => given(api.DELETE("/api/v1/sign-ins/{sign_in}", { params: { path: { sign_in } } })),
    { anew: key },
  );
  const endOthers = useDo(() => given(api.POST("/api/v1/sign-ins/end-others")), {
    anew: key,
    done: t("sign_ins.ended"),
  });
  return (
    <Card className="space-y-3 p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-medium">{t("sign_ins.title")}</h3>
        <Button size="sm" busy={endOthers.isPending} onClick={() => endOthers.mutate(undefined)}>
          {t("sign_ins.end_others")}
        </Button>
      </div>
      <Listed
        of={key}
        read={(query, signal) => given(api.GET("/api/v1/sign-ins", { params: { query }, signal }))}
        empty={null}
      >
        {(rows) => (
          <ul className="-my-2 divide-y text-[13px]">
            {rows.map((row) => (
              <li key={row.id} className="flex items-center gap-3 py-2">
                <div className="min-w-0 flex-1">
                  <p className="truncate" title={row.agent}>
                    {programOf(row.agent) || t("sign_ins.unknown")}
                  </p>
                  <p className="text-muted-foreground text-xs">
                    {row.address} · <Time at={row.used_at} />
                  </p>
                </div>
                {row.current ? (
                  <Badge tone="good">{t("sign_ins.here")}</Badge>
                ) : (
                  <Button size="sm" onClick={() => end.mutate(row.id)}>
                    {t("sign_ins.end")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Listed>
    </Card>
  );
}
