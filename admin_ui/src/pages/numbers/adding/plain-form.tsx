import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../../api/client";
import { Problem, words } from "../../../api/problems";
import { Button } from "../../../ui/button";
import { Field } from "../../../ui/field";
import { Input } from "../../../ui/input";
import { ProblemNotice } from "../../../ui/notice";
import { BotField } from "../bot-field";
import type { Channel } from "../queries";

export const NAME = "\\w[\\w .+\\-]{0,63}";

/** A number that needs no more than a name: a linked device, the simulator. */
export function PlainForm({ channel }: { channel: Channel }) {
  const { t } = useTranslation("numbers");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [bot, setBot] = useState<string>();
  const add = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      given(
        api.POST("/api/v1/numbers", { body: { name: name.trim(), channel: channel.name, bot: bot || null } }),
      ),
    async onSuccess(added) {
      await queries.invalidateQueries({ queryKey: ["numbers"] });
      if (channel.links)
        await navigate({ to: "/numbers/new", search: { channel: channel.name, number: added.name } });
      else await navigate({ to: "/numbers/$number", params: { number: added.name } });
    },
  });
  const taken = nameProblem(add.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field label={t("new.name")} hint={t("new.name_hint")} error={taken}>
        <Input
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={64}
          pattern={NAME}
          title={t("new.name_rule")}
          autoFocus
        />
      </Field>
      <BotField value={bot} onChange={setBot} />
      {!taken && <ProblemNotice error={add.error} fields={["name"]} />}
      <Button type="submit" variant="primary" busy={add.isPending}>
        {channel.links ? t("new.to_pair") : t("add")}
      </Button>
    </form>
  );
}

/** What is wrong with the name. */
export function nameProblem(error: unknown): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  return error.code === "taken" && error.document.what !== "app" ? words(error).detail : error.fault("name");
}
