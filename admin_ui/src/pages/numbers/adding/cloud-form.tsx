import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../../api/client";
import { ONCE } from "../../../api/once";
import { Problem } from "../../../api/problems";
import { Button } from "../../../ui/button";
import { Field } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Input, Select } from "../../../ui/input";
import { useKept } from "../../../ui/kept";
import { Loading } from "../../../ui/skeleton";
import { BotField, usePublished } from "../bot-field";
import { appsQuery, type Channel } from "../queries";
import { NameField } from "./name-field";
import { keepToken, verifyToken } from "./verify-token";

const NEW = "+";
/** `chosen`: the app; `bot` and it are not there until one is chosen. */
type Typed = {
  name: string;
  account: string;
  token: string;
  appName: string;
  secret: string;
  chosen?: string;
  bot?: string;
};
const BLANK: Typed = { name: "", account: "", token: "", appName: "meta", secret: "" };
const APP_NAME = "[a-z0-9][a-z0-9_\\-]{0,63}";

/** A number on a vendor's API: its id there and its token, and the app by which webhooks come in. */
export function CloudForm({ channel }: { channel: Channel }) {
  const { t } = useTranslation("numbers");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const apps = useQuery(appsQuery);
  const fit = apps.data?.items.filter((each) => each.channel === channel.name) ?? [];
  const typed = useKept<Typed>(`number.new.${channel.name}`, BLANK, ["token", "secret"]);
  const { name, account, token, chosen, appName, secret } = typed.values;
  const [verify] = useState(verifyToken); // the same when it is asked again after a lost answer
  const [first] = usePublished();
  const bot = typed.values.bot ?? first ?? "";
  const app = chosen ?? fit[0]?.name ?? NEW;

  const add = useMutation({
    meta: { shown: true },
    async mutationFn() {
      let by = app;
      if (app === NEW) {
        const body = { name: appName, channel: channel.name, secrets: { secret, verify_token: verify } };
        by = (await given(api.POST("/api/v1/apps", { params: { header: ONCE }, body }))).name;
        keepToken(by, verify);
        typed.set({ chosen: by }); // if the number is refused now, the app is there already
        await queries.invalidateQueries({ queryKey: ["apps"] });
      }
      const body = {
        name: name.trim(),
        channel: channel.name,
        account: account.trim(),
        app: by,
        bot: bot || null,
        secrets: { access_token: token.trim() },
      };
      return given(api.POST("/api/v1/numbers", { params: { header: ONCE }, body }));
    },
    async onSuccess(added) {
      typed.saved();
      await queries.invalidateQueries({ queryKey: ["numbers"] });
      await navigate({ to: "/numbers/new", search: { channel: channel.name, number: added.name } });
    },
  });
  const ofApp = add.error instanceof Problem && add.error.document.what === "app";
  if (apps.isPending) return <Loading />; // what is asked depends on them
  return (
    <Form
      of={typed}
      error={add.error}
      fields={["name", "account"]}
      places={{ taken: ofApp ? "app" : "name" }}
      onSend={() => add.mutate()}
      className="space-y-4"
      foot={
        <Button type="submit" variant="primary" busy={add.isPending}>
          {t("add")}
        </Button>
      }
    >
      {(fault) => (
        <>
          <NameField value={name} onChange={(name) => typed.set({ name })} error={fault("name")} />
          <Field label={t("cloud.account")} hint={t("cloud.account_hint")} error={fault("account")}>
            <Input
              value={account}
              onChange={(event) => typed.set({ account: event.target.value })}
              required
              inputMode="numeric"
              pattern="[0-9]{5,30}"
              title={t("cloud.account_hint")}
              autoComplete="off"
            />
          </Field>
          <Field label={t("cloud.token")} hint={t("cloud.token_hint")}>
            <Input
              type="password"
              value={token}
              onChange={(event) => typed.set({ token: event.target.value })}
              required
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
          {fit.length > 0 && (
            <Field label={t("cloud.app")} hint={t("cloud.app_hint")}>
              <Select value={app} onChange={(event) => typed.set({ chosen: event.target.value })}>
                {fit.map((each) => (
                  <option key={each.id} value={each.name}>
                    {each.name}
                  </option>
                ))}
                <option value={NEW}>{t("cloud.new_app")}</option>
              </Select>
            </Field>
          )}
          {app === NEW && (
            <fieldset className="space-y-4 rounded-lg border p-4">
              <legend className="px-1 font-medium text-[13px]">{t("cloud.new_app")}</legend>
              <Field label={t("cloud.app_name")} hint={t("cloud.app_name_hint")} error={fault("app")}>
                <Input
                  value={appName}
                  onChange={(event) => typed.set({ appName: event.target.value })}
                  required
                  pattern={APP_NAME}
                  title={t("cloud.app_name_hint")}
                  autoComplete="off"
                  spellCheck={false}
                />
              </Field>
              <Field label={t("cloud.secret")} hint={t("cloud.secret_hint")}>
                <Input
                  type="password"
                  value={secret}
                  onChange={(event) => typed.set({ secret: event.target.value })}
                  required
                  autoComplete="off"
                  spellCheck={false}
                />
              </Field>
            </fieldset>
          )}
          <BotField value={bot} onChange={(next) => typed.set({ bot: next })} />
        </>
      )}
    </Form>
  );
}
