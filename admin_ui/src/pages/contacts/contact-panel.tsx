import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Download, MessagesSquare, Trash2, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { download } from "../../api/download";
import { ONCE } from "../../api/once";
import { Problem } from "../../api/problems";
import { useMay } from "../../api/session";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Form } from "../../ui/form";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Switch } from "../../ui/switch";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { changed } from "../../ui/typed";
import { Identities } from "./identity";
import { Merging } from "./merging";
import { type Contact, contactQuery, type Field as Declared, fieldsQuery } from "./queries";

/** All that is known of one contact, at the side of the list. */
export function ContactPanel({ contact, onClose }: { contact: string; onClose: () => void }) {
  const { t } = useTranslation("contacts");
  const read = useQuery(contactQuery(contact));
  const fields = useQuery(fieldsQuery);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      place="side"
      title={read.data ? read.data.name || t("nameless") : t("one")}
    >
      {(read.isPending || fields.isPending) && <Loading />}
      {read.isError && <ProblemNotice error={read.error} retry={() => read.refetch()} />}
      {fields.isError && <ProblemNotice error={fields.error} retry={() => fields.refetch()} />}
      {read.isSuccess && fields.isSuccess && (
        <div className="space-y-7">
          <Profile contact={read.data} declared={fields.data.items} />
          <Names contact={read.data} />
          <Conversations contact={read.data} />
          <Wishes contact={read.data} />
          <Merging contact={read.data} />
          <Rights contact={read.data} onErased={onClose} />
        </div>
      )}
    </Dialog>
  );
}

const BUILT_IN = ["name", "language", "timezone"] as const;
/** The built-in fields, and each declared one as `fields.<name>`: so the API names them when it refuses one. */
type Draft = { name: string; language: string; timezone: string; tags: string[] } & {
  [field: `fields.${string}`]: string;
};

function draftOf({ name, language, timezone, tags, fields }: Contact, declared: Declared[]): Draft {
  const own = declared.map((field): [`fields.${string}`, string] => {
    const value = fields[field.name] ?? "";
    return [`fields.${field.name}`, typeof value === "string" ? value : JSON.stringify(value)];
  });
  return { name, language, timezone, tags, ...Object.fromEntries(own) } as Draft;
}

function typedValue(type: Declared["type"], text: string): unknown {
  if (text === "") return null;
  if (type === "boolean") return text === "true";
  if (type === "integer" || type === "number") return Number.isNaN(Number(text)) ? text : Number(text);
  return text;
}

function Profile({ contact, declared }: { contact: Contact; declared: Declared[] }) {
  const { t } = useTranslation(["contacts", "frame"]);
  const client = useQueryClient();
  const may = useMay("agent");
  const before = draftOf(contact, declared);
  const typed = useKept<Draft>(`contact.${contact.id}`, before);
  const draft = typed.values;
  const [tag, setTag] = useState("");
  const change = useMutation({
    meta: { shown: true },
    mutationFn: (body: Schemas["ContactIn"]) =>
      given(
        api.PATCH("/api/v1/contacts/{contact}", {
          params: { path: { contact: contact.id }, header: { "if-match": `"${contact.etag}"` } },
          body,
        }),
      ),
    onSuccess(row) {
      client.setQueryData(contactQuery(contact.id).queryKey, row);
      typed.saved();
      toast.done(t("saved"));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["contacts"] }),
  });
  const save = () => {
    const next: Partial<Draft> = changed(before, draft);
    const own = declared.filter((field) => `fields.${field.name}` in next);
    change.mutate({
      ...Object.fromEntries(
        BUILT_IN.filter((name) => name in next).map((name) => [name, next[name] || null]),
      ),
      ...(next.tags ? { tags: next.tags } : {}),
      fields: Object.fromEntries(
        own.map((field) => [field.name, typedValue(field.type, draft[`fields.${field.name}`] ?? "")]),
      ),
    });
  };
  const addTag = () => {
    const word = tag.trim();
    if (word !== "" && !draft.tags.includes(word)) typed.set({ tags: [...draft.tags, word].sort() });
    setTag("");
  };
  const names = declared.map((field): [`fields.${string}`, string] => [
    `fields.${field.name}`,
    field.title || field.name,
  ]);
  const unfit = change.error instanceof Problem ? String(change.error.document.name ?? "") : "";
  return (
    <Form
      of={typed}
      labels={{
        ...Object.fromEntries([...BUILT_IN, "tags" as const].map((name) => [name, t(`field.${name}`)])),
        ...Object.fromEntries(names),
      }}
      error={change.error}
      fields={[...BUILT_IN, "tags", ...names.map(([name]) => name)]}
      places={{
        "contacts.field_unfit": BUILT_IN.some((name) => name === unfit) ? unfit : `fields.${unfit}`,
      }}
      onSend={save}
      foot={
        may && (
          <Button type="submit" variant="primary" busy={change.isPending} disabled={!typed.dirty}>
            {t("frame:action.save")}
          </Button>
        )
      }
    >
      {(fault) => (
        <>
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
            {BUILT_IN.map((name) => (
              <Field key={name} label={t(`field.${name}`)} error={fault(name)}>
                <Input
                  value={draft[name]}
                  readOnly={!may}
                  placeholder={name === "language" ? "it" : name === "timezone" ? "Europe/Rome" : ""}
                  onChange={(event) => typed.set({ [name]: event.target.value })}
                />
              </Field>
            ))}
            {declared.map((field) => (
              <Field key={field.name} label={field.title || field.name} error={fault(`fields.${field.name}`)}>
                <Input
                  type={field.type === "date" ? "date" : "text"}
                  inputMode={field.type === "integer" || field.type === "number" ? "decimal" : "text"}
                  value={draft[`fields.${field.name}`] ?? ""}
                  readOnly={!may}
                  onChange={(event) => typed.set({ [`fields.${field.name}`]: event.target.value })}
                />
              </Field>
            ))}
          </div>
          <Field label={t("field.tags")} hint={t("field.tags_hint")} error={fault("tags")}>
            <Input
              value={tag}
              maxLength={100}
              readOnly={!may}
              onChange={(event) => setTag(event.target.value)}
              onBlur={addTag}
              onKeyDown={(event) => {
                if (event.key === "Enter" || event.key === ",") {
                  event.preventDefault();
                  addTag();
                }
              }}
            />
          </Field>
          <ul className="flex flex-wrap gap-1 empty:hidden">
            {draft.tags.map((each) => (
              <li key={each} className="flex items-center rounded-full bg-secondary pl-2 text-xs">
                {each}
                {may && (
                  <Button
                    variant="ghost"
                    size="icon-sm"
                    className="size-6 rounded-full"
                    aria-label={t("field.tag_remove", { tag: each })}
                    onClick={() => typed.set({ tags: draft.tags.filter((one) => one !== each) })}
                  >
                    <X className="size-3" />
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Form>
  );
}

function Names({ contact }: { contact: Contact }) {
  const { t } = useTranslation("contacts");
  return (
    <section className="space-y-1.5">
      <h3 className="font-semibold">{t("names.title")}</h3>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[13px]">
        <Identities of={contact.identities} />
        <dt className="text-muted-foreground">{t("names.since")}</dt>
        <dd>
          <Time at={contact.created_at} />
        </dd>
      </dl>
    </section>
  );
}

function Conversations({ contact }: { contact: Contact }) {
  const { t } = useTranslation("contacts");
  return (
    <section className="space-y-1.5">
      <h3 className="font-semibold">{t("conversations.title")}</h3>
      {contact.conversations.length === 0 && (
        <p className="text-muted-foreground text-[13px]">{t("conversations.none")}</p>
      )}
      <ul className="space-y-1">
        {contact.conversations.map((one) => (
          <li key={one.id}>
            <Link
              to="/conversations"
              search={{ number: one.number, open: one.id }}
              className="inline-flex items-center gap-1.5 text-primary hover:underline"
            >
              <MessagesSquare className="size-4" />
              {one.number}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Wishes({ contact }: { contact: Contact }) {
  const { t } = useTranslation("contacts");
  const client = useQueryClient();
  const may = useMay("agent");
  const opt = useMutation({
    mutationFn: (out: boolean) =>
      given(
        api.POST(out ? "/api/v1/contacts/{contact}/opt-out" : "/api/v1/contacts/{contact}/opt-in", {
          params: { path: { contact: contact.id }, header: ONCE },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["contacts"] }),
  });
  return (
    <section className="space-y-1.5">
      <h3 className="font-semibold">{t("wishes.title")}</h3>
      <div className="flex items-start gap-3 text-[13px]">
        <Switch
          aria-label={t("wishes.wants")}
          checked={!contact.opted_out}
          disabled={!may || opt.isPending}
          onCheckedChange={(wants) => opt.mutate(!wants)}
        />
        <p>
          {contact.opted_out ? t("wishes.out") : t("wishes.in")}
          <span className="block text-muted-foreground text-xs">{t("wishes.detail")}</span>
        </p>
      </div>
    </section>
  );
}

/** What the law gives a contact: all that is kept of him, and to be forgotten. Only admins may do it. */
function Rights({ contact, onErased }: { contact: Contact; onErased: () => void }) {
  const { t } = useTranslation("contacts");
  const client = useQueryClient();
  const may = useMay("admin");
  const [asked, setAsked] = useState(false);
  const name = contact.name || t("nameless");
  const exported = useMutation({
    mutationFn: () => download(`/api/v1/contacts/${contact.id}/export`, `contact-${contact.id}.zip`),
  });
  const erase = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      given(
        api.DELETE("/api/v1/contacts/{contact}", {
          params: { path: { contact: contact.id }, query: { sure: true } },
        }),
      ),
    onSuccess() {
      toast.done(t("erase.ordered", { name }));
      onErased();
      client.removeQueries({ queryKey: contactQuery(contact.id).queryKey });
      void client.invalidateQueries({ queryKey: ["contacts"] });
    },
  });
  return (
    <section className="space-y-2 border-t pt-4">
      <h3 className="font-semibold">{t("rights.title")}</h3>
      {!may && <Notice>{t("rights.locked")}</Notice>}
      <div className="flex flex-wrap gap-2">
        <Button size="sm" disabled={!may} busy={exported.isPending} onClick={() => exported.mutate()}>
          <Download />
          {t("rights.export")}
        </Button>
        <Button
          size="sm"
          disabled={!may}
          className="text-destructive hover:text-destructive"
          onClick={() => setAsked(true)}
        >
          <Trash2 />
          {t("erase.act")}
        </Button>
      </div>
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title={t("erase.title", { name })}
        act={t("erase.act")}
        typed={name}
        danger
        busy={erase.isPending}
        error={erase.error}
        onConfirm={() => erase.mutate()}
      >
        <p>{t("erase.detail")}</p>
      </Confirm>
    </section>
  );
}
