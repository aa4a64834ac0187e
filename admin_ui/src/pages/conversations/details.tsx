import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { ONCE } from "../../api/once";
import { useMay } from "../../api/session";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Form } from "../../ui/form";
import { Input, Textarea } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { tongue } from "../../ui/tongue";
import { Identities } from "../contacts/identity";
import { fieldsQuery } from "../contacts/queries";
import { Handlings } from "./handlings";
import { type Conversation, contactQuery, notesQuery, type Place, tasksQuery, useCalled } from "./queries";

const WIDE = "(min-width: 1280px)";

/** Beside the conversation: who the contact is, and what the team wrote down about it. */
export function Details({
  place,
  row,
  open,
  onOpenChange,
}: {
  place: Place;
  row: Conversation;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { t } = useTranslation("conversations");
  if (!open) return null;
  const inside = (
    <div className="space-y-6">
      <Who row={row} />
      <Notes place={place} />
      <Tasks place={place} />
      <Handlings place={place} />
    </div>
  );
  if (window.matchMedia(WIDE).matches)
    return (
      <aside aria-label={t("details.title")} className="w-80 shrink-0 overflow-y-auto border-l p-4">
        {inside}
      </aside>
    );
  return (
    <Dialog open onOpenChange={onOpenChange} title={t("details.title")} place="side">
      {inside}
    </Dialog>
  );
}

function Who({ row }: { row: Conversation }) {
  const { t, i18n } = useTranslation("conversations");
  const contact = useQuery(contactQuery(row.contact));
  const fields = useQuery(fieldsQuery);
  if (contact.isPending) return <Loading lines={3} />;
  if (contact.isError) return <ProblemNotice error={contact.error} retry={() => contact.refetch()} />;
  const who = contact.data;
  const titles = new Map(fields.data?.items.map((each) => [each.name, each.title]));
  const facts = [
    ...(who.language ? [[t("details.language"), tongue(who.language, i18n.language)] as const] : []),
    ...Object.entries(who.fields).map(
      ([name, value]) =>
        [titles.get(name) || name, typeof value === "string" ? value : JSON.stringify(value)] as const,
    ),
  ];
  return (
    <section className="space-y-2">
      <div className="flex items-baseline justify-between gap-2">
        <h3 className="min-w-0 truncate font-semibold">{who.name || row.name || t("nameless")}</h3>
        <Link to="/contacts" search={{ open: row.contact }} className="text-primary text-xs hover:underline">
          {t("details.open_contact")}
        </Link>
      </div>
      {who.tags.length > 0 && (
        <p className="flex flex-wrap gap-1">
          {who.tags.map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </p>
      )}
      <dl className="grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-3 gap-y-1 text-[13px]">
        <Identities of={who.identities} />
        {facts.map(([name, value]) => (
          <div key={`${name}:${value}`} className="contents">
            <dt className="text-muted-foreground">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function refresh(client: QueryClient, { number, conversation }: Place): Promise<void> {
  return client.invalidateQueries({ queryKey: ["conversations", number, conversation] });
}

function Notes({ place }: { place: Place }) {
  const { t } = useTranslation("conversations");
  const client = useQueryClient();
  const may = useMay("agent");
  const notes = useQuery(notesQuery(place));
  const called = useCalled();
  const typed = useKept(`note.${place.conversation}`, { body: "" });
  const text = typed.values.body;
  const path = { number: place.number, conversation: place.conversation };
  const write = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      given(
        api.POST("/api/v1/numbers/{number}/conversations/{conversation}/notes", {
          params: { path, header: ONCE },
          body: { body: text.trim() },
        }),
      ),
    onSuccess: () => typed.saved(),
    onSettled: () => refresh(client, place),
  });
  const remove = useMutation({
    mutationFn: (note: string) =>
      given(
        api.DELETE("/api/v1/numbers/{number}/conversations/{conversation}/notes/{note}", {
          params: { path: { ...path, note } },
        }),
      ),
    onSettled: () => refresh(client, place),
  });
  return (
    <section className="space-y-2">
      <h3 className="font-semibold">{t("notes.title")}</h3>
      {notes.isPending && <Loading lines={2} />}
      {notes.isError && <ProblemNotice error={notes.error} retry={() => notes.refetch()} />}
      {notes.data?.items.length === 0 && <p className="text-muted-foreground text-xs">{t("notes.empty")}</p>}
      <ul className="space-y-2">
        {notes.data?.items.map((note) => (
          <li key={note.id} className="group rounded-md border bg-card p-2 text-[13px]">
            <p className="whitespace-pre-wrap break-words">{note.body}</p>
            <p className="flex items-center justify-between gap-2 text-muted-foreground text-xs">
              <span className="truncate">
                {called(note.by)} · <Time at={note.created_at} />
              </span>
              {may && (
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-label={t("notes.remove")}
                  onClick={() => remove.mutate(note.id)}
                >
                  <Trash2 />
                </Button>
              )}
            </p>
          </li>
        ))}
      </ul>
      {may && (
        <Form
          of={typed}
          error={write.error}
          fields={[]}
          onSend={() => text.trim() !== "" && write.mutate()}
          className="space-y-2"
          foot={
            <Button type="submit" size="sm" busy={write.isPending} disabled={text.trim() === ""}>
              {t("notes.add")}
            </Button>
          }
        >
          {() => (
            <Textarea
              aria-label={t("notes.label")}
              placeholder={t("notes.placeholder")}
              value={text}
              maxLength={10_000}
              onChange={(event) => typed.set({ body: event.target.value })}
            />
          )}
        </Form>
      )}
    </section>
  );
}

function Tasks({ place }: { place: Place }) {
  const { t } = useTranslation("conversations");
  const client = useQueryClient();
  const may = useMay("agent");
  const tasks = useQuery(tasksQuery(place));
  const typed = useKept(`task.${place.conversation}`, { body: "" });
  const text = typed.values.body;
  const make = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      given(
        api.POST("/api/v1/tasks", {
          params: { header: ONCE },
          body: { conversation: place.conversation, body: text.trim(), team: "", user: "" },
        }),
      ),
    onSuccess: () => typed.saved(),
    onSettled: () => refresh(client, place),
  });
  const tick = useMutation({
    mutationFn: ({ task, done }: { task: string; done: boolean }) =>
      given(api.PATCH("/api/v1/tasks/{task}", { params: { path: { task } }, body: { done } })),
    onSettled: () => refresh(client, place),
  });
  return (
    <section className="space-y-2">
      <h3 className="font-semibold">{t("tasks.title")}</h3>
      {tasks.isPending && <Loading lines={2} />}
      {tasks.isError && <ProblemNotice error={tasks.error} retry={() => tasks.refetch()} />}
      {tasks.data?.items.length === 0 && <p className="text-muted-foreground text-xs">{t("tasks.empty")}</p>}
      <ul className="space-y-1">
        {tasks.data?.items.map((task) => (
          <li key={task.id}>
            <label className="flex items-start gap-2 text-[13px]">
              <input
                type="checkbox"
                className="mt-0.5 size-4 accent-primary"
                checked={task.done_at !== null}
                disabled={!may || tick.isPending}
                onChange={(event) => tick.mutate({ task: task.id, done: event.target.checked })}
              />
              <span className={task.done_at ? "text-muted-foreground line-through" : ""}>{task.body}</span>
              {task.due_at && (
                <span className="ml-auto shrink-0 text-muted-foreground text-xs">
                  <Time at={task.due_at} />
                </span>
              )}
            </label>
          </li>
        ))}
      </ul>
      {may && (
        <Form
          of={typed}
          error={make.error}
          fields={[]}
          onSend={() => text.trim() !== "" && make.mutate()}
          className="flex flex-wrap gap-2"
        >
          {() => (
            <>
              <Input
                className="w-auto flex-1"
                aria-label={t("tasks.label")}
                placeholder={t("tasks.placeholder")}
                value={text}
                maxLength={1_000}
                onChange={(event) => typed.set({ body: event.target.value })}
              />
              <Button type="submit" busy={make.isPending} disabled={text.trim() === ""}>
                {t("tasks.add")}
              </Button>
            </>
          )}
        </Form>
      )}
    </section>
  );
}
