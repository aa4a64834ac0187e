import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, given } from "../../../api/client";
import { ONCE } from "../../../api/once";
import { Button } from "../../../ui/button";
import { Form } from "../../../ui/form";
import { useKept } from "../../../ui/kept";
import { BotField, usePublished } from "../bot-field";
import type { Channel } from "../queries";
import { NameField } from "./name-field";

/** `bot`: not there until one is chosen. */
type Typed = { name: string; bot?: string };

/** A number that needs no more than a name: a linked device, the simulator. */
export function PlainForm({ channel }: { channel: Channel }) {
  const { t } = useTranslation("numbers");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const typed = useKept<Typed>(`number.new.${channel.name}`, { name: "" });
  const { name } = typed.values;
  const [first] = usePublished();
  const bot = typed.values.bot ?? first ?? "";
  const add = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      given(
        api.POST("/api/v1/numbers", {
          params: { header: ONCE },
          body: { name: name.trim(), channel: channel.name, bot: bot || null },
        }),
      ),
    async onSuccess(added) {
      typed.saved();
      await queries.invalidateQueries({ queryKey: ["numbers"] });
      if (channel.links)
        await navigate({ to: "/numbers/new", search: { channel: channel.name, number: added.name } });
      else await navigate({ to: "/numbers/$number", params: { number: added.name } });
    },
  });
  return (
    <Form
      of={typed}
      error={add.error}
      fields={["name"]}
      places={{ taken: "name" }}
      onSend={() => add.mutate()}
      className="space-y-4"
      foot={
        <Button type="submit" variant="primary" busy={add.isPending}>
          {channel.links ? t("new.to_pair") : t("add")}
        </Button>
      }
    >
      {(fault) => (
        <>
          <NameField value={name} onChange={(name) => typed.set({ name })} error={fault("name")} />
          <BotField value={bot} onChange={(chosen) => typed.set({ bot: chosen })} />
        </>
      )}
    </Form>
  );
}
