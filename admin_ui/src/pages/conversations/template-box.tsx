/** An approved template instead of free words: what it asks for, and how it will read. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw, SendHorizontal } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { useMay, useMe } from "../../api/session";
import { shelf } from "../../shelf";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Input, Select } from "../../ui/input";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { toast } from "../../ui/toast";
import { type Reply, templatesQuery } from "./queries";
import { type Component, filled, fits, type Slot, sampleOf, slotsOf, type Values } from "./templates";

type Props = {
  number: Schemas["NumberOut"];
  conversation: string;
  busy: boolean;
  onSend: (body: Reply, done: () => void) => void;
  /** A way back to free words, where there is one. */
  back?: ReactNode;
};

/** What was chosen and filled in, and is not sent: kept in this browser, so that a reload loses no word. */
type Begun = { chosen: string; values: Values };
const NOTHING: Begun = { chosen: "", values: {} };
const shelfOf = (user: string, conversation: string) => `chatloom.template.${user}.${conversation}`;

/** Undefined: nothing was begun. */
export function begunOf(user: string, conversation: string): Begun | undefined {
  try {
    const read = JSON.parse(shelf.get(shelfOf(user, conversation)) ?? "null");
    return typeof read?.chosen === "string" ? { chosen: read.chosen, values: { ...read.values } } : undefined;
  } catch {
    return undefined; // what cannot be read is none
  }
}

function keep(user: string, conversation: string, begun: Begun): void {
  if (begun.chosen === "") shelf.drop(shelfOf(user, conversation));
  else shelf.put(shelfOf(user, conversation), JSON.stringify(begun));
}

const nameOf = (template: Schemas["TemplateOut"]) => `${template.name} · ${template.language}`;

export function TemplateBox({ number, conversation, busy, onSend, back }: Props) {
  const { t } = useTranslation("conversations");
  const templates = useQuery(templatesQuery(number.id));
  const me = useMe();
  const [{ chosen, values }, setBegun] = useState(() => begunOf(me.id, conversation) ?? NOTHING);
  const begin = (next: Begun) => {
    setBegun(next);
    keep(me.id, conversation, next);
  };
  if (templates.isPending) return <Loading lines={2} />;
  if (templates.isError) return <ProblemNotice error={templates.error} retry={() => templates.refetch()} />;
  if (templates.data.length === 0) return <NoTemplates number={number} back={back} />;
  const template = templates.data.find((each) => nameOf(each) === chosen);
  const components = (template?.components ?? []) as Component[];
  const slots = slotsOf(components);
  const able = template !== undefined && fits(components);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!template || !able || busy) return;
    const { name, language } = template;
    onSend({ template: { name, language, components: filled(components, values) } }, () => begin(NOTHING));
  };
  return (
    <form onSubmit={send} className="space-y-3">
      <div className="flex items-end gap-2">
        <Field label={t("template.label")} className="min-w-0 flex-1">
          <Select value={chosen} onChange={(event) => begin({ chosen: event.target.value, values: {} })}>
            <option value="">{t("template.choose")}</option>
            {templates.data.map((each) => (
              <option key={nameOf(each)}>{nameOf(each)}</option>
            ))}
          </Select>
        </Field>
        {back}
      </div>
      {template && !able && <p className="text-muted-foreground text-sm">{t("template.unfit")}</p>}
      {template && able && (
        <div className="grid grid-cols-1 items-start gap-3 sm:grid-cols-2">
          <div className="grid gap-3">
            {slots.map((slot) => (
              <SlotField
                key={slot.at}
                slot={slot}
                buttons={sampleOf(components, {}).buttons}
                value={values[slot.at] ?? ""}
                onChange={(value) => begin({ chosen, values: { ...values, [slot.at]: value } })}
              />
            ))}
            {slots.length === 0 && (
              <p className="text-muted-foreground text-sm">{t("template.nothing_to_fill")}</p>
            )}
            <Button type="submit" variant="primary" busy={busy} className="justify-self-start">
              {!busy && <SendHorizontal />}
              {t("template.send")}
            </Button>
          </div>
          <Preview components={components} values={values} />
        </div>
      )}
    </form>
  );
}

function SlotField({
  slot,
  buttons,
  value,
  onChange,
}: {
  slot: Slot;
  buttons: string[];
  value: string;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation("conversations");
  const button = slot.index === undefined ? "" : (buttons[slot.index] ?? "");
  const label =
    slot.kind === "code"
      ? t("template.slot.code", { button })
      : slot.kind !== "text"
        ? t(`template.slot.${slot.kind}`)
        : t(`template.slot.${slot.part}`, { name: slot.name, button });
  return (
    <Field label={label} hint={slot.example ? t("template.example", { example: slot.example }) : undefined}>
      <Input
        required
        type={slot.kind === "text" || slot.kind === "code" ? "text" : "url"}
        placeholder={slot.kind === "text" || slot.kind === "code" ? "" : "https://"}
        maxLength={1024}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}

function Preview({ components, values }: { components: Component[]; values: Values }) {
  const { t } = useTranslation("conversations");
  const sample = sampleOf(components, values);
  return (
    <section
      aria-label={t("template.preview")}
      className="max-h-56 space-y-1 overflow-y-auto rounded-2xl rounded-br-sm bg-primary/12 px-3 py-1.5 text-sm"
    >
      {sample.header && <p className="font-medium">{sample.header}</p>}
      <p className="whitespace-pre-wrap break-words">{sample.body}</p>
      {sample.footer && <p className="text-xs opacity-70">{sample.footer}</p>}
      {sample.buttons.map((button) => (
        <p key={button} className="rounded-md border border-current/20 px-2 py-1 text-center text-[13px]">
          {button}
        </p>
      ))}
    </section>
  );
}

function NoTemplates({ number, back }: { number: Schemas["NumberOut"]; back: ReactNode }) {
  const { t } = useTranslation(["conversations", "frame"]);
  const client = useQueryClient();
  const may = useMay("editor");
  const read = useMutation({
    mutationFn: () =>
      given(api.POST("/api/v1/numbers/{number}/templates/sync", { params: { path: { number: number.id } } })),
    onSuccess: ({ templates }) => toast.done(t("template.read", { count: templates })),
    onSettled: () => client.invalidateQueries({ queryKey: ["templates", number.id] }),
  });
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      <p className="min-w-60 flex-1 text-muted-foreground text-sm">
        {t("template.none")} {!may && t("frame:locked.editor")}
      </p>
      {may && (
        <Button size="sm" busy={read.isPending} onClick={() => read.mutate()}>
          <RefreshCw />
          {t("template.read_now")}
        </Button>
      )}
      {back}
    </div>
  );
}
