import { Pencil, UserPlus } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  CHANNELS,
  type Channel,
  type Declared,
  type Kept,
  keep,
  kept,
  type Persona,
  phoneOf,
  READY,
  readValue,
  typed,
} from "../../studio/personas";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Input, Select } from "../../ui/input";
import { toast } from "../../ui/toast";

type Props = {
  bot: string;
  personas: Kept;
  chosen: Persona;
  languages: string[];
  declared: Declared[];
  /** Others are kept, or another is chosen. */
  onChange: (personas: Kept) => void;
};

/** Who writes to the bot: chosen, changed and made here. */
export function Personas({ bot, personas, chosen, languages, declared, onChange }: Props) {
  const { t } = useTranslation("studio");
  const [edited, setEdited] = useState<Persona>();
  const [like, setLike] = useState(""); // whose flows' data the edited one has, where it is a copy
  const { own } = personas;
  const change = (next: Kept) => {
    keep(bot, next);
    onChange(next);
  };
  const save = (persona: Persona) => {
    const { own, data, ...rest } = kept(bot); // another tab may have added to them
    const known = own.some((each) => each.id === persona.id);
    const held = data[persona.id] ?? data[like];
    change({
      ...rest,
      data: held ? { ...data, [persona.id]: held } : data,
      own: known ? own.map((each) => (each.id === persona.id ? persona : each)) : [...own, persona],
      chosen: persona.id,
    });
    setEdited(undefined);
  };
  const remove = (persona: Persona) => {
    const { own, data, ...rest } = kept(bot);
    const { [persona.id]: held, ...others } = data;
    change({ ...rest, own: own.filter((each) => each.id !== persona.id), chosen: "", data: others });
    setEdited(undefined);
    toast.done(t("personas.deleted", { title: persona.title }), () => {
      save(persona);
      const now = kept(bot);
      if (held) change({ ...now, data: { ...now.data, [persona.id]: held } });
    });
  };
  const fresh = (like: Persona, title: string): Persona => ({ ...like, id: crypto.randomUUID(), title });
  return (
    <>
      <Select
        aria-label={t("personas.label")}
        small
        className="max-w-56 flex-1"
        value={chosen.id}
        onChange={(event) => change({ ...kept(bot), chosen: event.target.value })}
      >
        <optgroup label={t("personas.ready")}>
          {READY.map(({ id }) => (
            <option key={id} value={id}>
              {t(`personas.${id}`)}
            </option>
          ))}
        </optgroup>
        {own.length > 0 && (
          <optgroup label={t("personas.own")}>
            {own.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </optgroup>
        )}
      </Select>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={t("personas.edit")}
        title={t("personas.edit")}
        onClick={() => {
          setLike(chosen.id);
          setEdited(own.includes(chosen) ? chosen : fresh(chosen, chosen.name));
        }}
      >
        <Pencil />
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={t("personas.new")}
        title={t("personas.new")}
        onClick={() => {
          setLike("");
          setEdited(fresh({ ...READY[2], channel: "simulator" }, ""));
        }}
      >
        <UserPlus />
      </Button>
      {edited && (
        <Editor
          persona={edited}
          others={own.filter((each) => each.id !== edited.id).map((each) => each.title)}
          languages={languages}
          declared={declared}
          onSave={save}
          {...(own.some((each) => each.id === edited.id) ? { onDelete: () => remove(edited) } : {})}
          onClose={() => setEdited(undefined)}
        />
      )}
    </>
  );
}

type EditorProps = {
  persona: Persona;
  /** Titles that are taken. */
  others: string[];
  languages: string[];
  declared: Declared[];
  onSave: (persona: Persona) => void;
  /** Left out: it is not kept yet. */
  onDelete?: () => void;
  onClose: () => void;
};

function Editor({ persona, others, languages, declared, onSave, onDelete, onClose }: EditorProps) {
  const { t } = useTranslation(["studio", "frame"]);
  const form = useId();
  const [draft, setDraft] = useState(persona);
  const [phone, setPhone] = useState(persona.phone && `+${persona.phone}`);
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(declared.map(({ name }) => [name, typed(persona.fields[name])])),
  );
  const [tried, setTried] = useState(false);
  const title = draft.title.trim();
  const faults = {
    title: title === "" ? t("personas.untitled") : others.includes(title) ? t("personas.taken") : undefined,
    timezone: isZone(draft.timezone) ? undefined : t("personas.no_zone"),
    phone: phoneOf(phone) === undefined ? t("personas.no_phone") : undefined,
  };
  const fields = declared.map((field) => ({ field, ...readAs(field, values[field.name] ?? "") }));
  const wrong = Object.values(faults).some(Boolean) || fields.some(({ unfit }) => unfit !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong) return;
    const told = fields.filter(({ value }) => value !== undefined);
    const gone = Object.entries(persona.fields).filter(
      ([name]) => !declared.some((each) => each.name === name),
    );
    onSave({
      ...draft,
      title,
      phone: phoneOf(phone) ?? "",
      fields: Object.fromEntries([...gone, ...told.map(({ field, value }) => [field.name, value])]),
    });
  };
  const spoken = [...new Set([...languages, ...(draft.language ? [draft.language] : [])])];
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(onDelete ? "personas.edit" : "personas.new")}
      description={t("personas.detail")}
      footer={
        <>
          {onDelete && (
            <Button className="mr-auto" onClick={onDelete}>
              {t("personas.delete")}
            </Button>
          )}
          <Button onClick={onClose}>{t("frame:action.cancel")}</Button>
          <Button type="submit" form={form} variant="primary">
            {t("frame:action.save")}
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit} className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        <Field
          label={t("personas.title")}
          hint={t("personas.title_hint")}
          error={tried ? faults.title : undefined}
          className="sm:col-span-2"
        >
          <Input
            autoFocus
            autoComplete="off"
            maxLength={80}
            value={draft.title}
            onChange={(event) => setDraft({ ...draft, title: event.target.value })}
          />
        </Field>
        <Field label={t("personas.name")}>
          <Input
            autoComplete="off"
            value={draft.name}
            onChange={(event) => setDraft({ ...draft, name: event.target.value })}
          />
        </Field>
        <Field label={t("personas.phone")} error={tried ? faults.phone : undefined}>
          <Input
            type="tel"
            autoComplete="off"
            placeholder="+39 333 111 2222"
            value={phone}
            onChange={(event) => setPhone(event.target.value)}
          />
        </Field>
        <Field label={t("simulator.language")}>
          <Select
            value={draft.language}
            onChange={(event) => setDraft({ ...draft, language: event.target.value })}
          >
            <option value="">{t("personas.unknown")}</option>
            {spoken.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </Field>
        <Field label={t("personas.timezone")} error={tried ? faults.timezone : undefined}>
          <Input
            autoComplete="off"
            spellCheck={false}
            placeholder="Europe/Rome"
            value={draft.timezone}
            onChange={(event) => setDraft({ ...draft, timezone: event.target.value.trim() })}
          />
        </Field>
        <Field label={t("personas.begins")} hint={t("personas.begins_hint")}>
          <Input
            type="datetime-local"
            value={draft.begins}
            onChange={(event) => setDraft({ ...draft, begins: event.target.value })}
          />
        </Field>
        <Field label={t("simulator.channel")}>
          <Select
            value={draft.channel}
            onChange={(event) => setDraft({ ...draft, channel: event.target.value as Channel })}
          >
            {CHANNELS.map((each) => (
              <option key={each} value={each}>
                {t(`simulator.channels.${each}`)}
              </option>
            ))}
          </Select>
        </Field>
        {fields.length > 0 && (
          <h3 className="pt-1 font-medium text-muted-foreground text-xs sm:col-span-2">
            {t("personas.fields")}
          </h3>
        )}
        {fields.map(({ field, unfit }) => (
          <Told
            key={field.name}
            field={field}
            text={values[field.name] ?? ""}
            error={tried && unfit !== undefined ? t("personas.unfit", { type: unfit }) : undefined}
            onChange={(text) => setValues({ ...values, [field.name]: text })}
          />
        ))}
      </form>
    </Dialog>
  );
}

type ToldProps = {
  field: Declared;
  text: string;
  error: string | undefined;
  onChange: (text: string) => void;
};

/** What is known of the contact in one of the bot's fields. */
function Told({ field, text, error, onChange }: ToldProps) {
  const { t } = useTranslation("studio");
  const { name, schema } = field;
  const label = typeof schema.title === "string" ? schema.title : name;
  const choices: unknown[] | undefined = Array.isArray(schema.enum)
    ? schema.enum
    : schema.type === "boolean"
      ? [true, false]
      : undefined;
  const number = schema.type === "integer" || schema.type === "number";
  return (
    <Field
      label={label}
      error={error}
      {...(typeof schema.description === "string" ? { hint: schema.description } : {})}
    >
      {choices ? (
        <Select value={text} onChange={(event) => onChange(event.target.value)}>
          <option value="">{t("personas.unknown")}</option>
          {choices.map((each) => (
            <option key={typed(each)} value={typed(each)}>
              {typeof each === "boolean" ? t(each ? "personas.yes" : "personas.no") : typed(each)}
            </option>
          ))}
        </Select>
      ) : (
        <Input
          type={schema.format === "date" ? "date" : "text"}
          inputMode={number ? "decimal" : "text"}
          autoComplete="off"
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function readAs(field: Declared, text: string): { value?: unknown; unfit?: string } {
  try {
    return { value: readValue(field, text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { unfit: String(field.schema.type) };
  }
}

function isZone(name: string): boolean {
  try {
    return name === "" || Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}
