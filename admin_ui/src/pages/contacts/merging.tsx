/** Two contacts who are one person: choose the other, see what becomes of both, and merge. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Merge as MergeIcon } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import { useMay } from "../../api/session";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Dialog } from "../../ui/dialog";
import { Input } from "../../ui/input";
import { More } from "../../ui/more";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { type Contact, contactsQuery } from "./queries";

type Other = Schemas["ContactRow"];
const BUILT_IN = ["name", "language", "timezone"]; // every contact has these fields; others are declared

export function Merging({ contact }: { contact: Contact }) {
  const { t } = useTranslation(["contacts", "frame"]);
  const may = useMay("editor");
  const [choosing, setChoosing] = useState(false);
  const [other, setOther] = useState<Other>();
  return (
    <section className="space-y-1.5">
      <h3 className="font-semibold">{t("merge.title")}</h3>
      <p className="text-muted-foreground text-[13px]">
        {t("merge.lead")} {!may && t("frame:locked.editor")}
      </p>
      <Button size="sm" disabled={!may} onClick={() => setChoosing(true)}>
        <MergeIcon />
        {t("merge.choose")}
      </Button>
      {choosing && (
        <Choose
          but={contact.id}
          onClose={() => setChoosing(false)}
          onChoose={(row) => {
            setChoosing(false);
            setOther(row);
          }}
        />
      )}
      {other && <Sure contact={contact} other={other} onClose={() => setOther(undefined)} />}
    </section>
  );
}

function Choose({
  but,
  onClose,
  onChoose,
}: {
  but: string;
  onClose: () => void;
  onChoose: (row: Other) => void;
}) {
  const { t } = useTranslation("contacts");
  const [typed, setTyped] = useState("");
  const [phone, setPhone] = useState("");
  const list = useInfiniteQuery(contactsQuery(phone ? { phone } : {}));
  const rows = list.data?.pages.flatMap((page) => page.items).filter((row) => row.id !== but) ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setPhone(typed.trim());
  };
  return (
    <Dialog open onOpenChange={onClose} title={t("merge.choose")} description={t("merge.choose_lead")}>
      <div className="space-y-3">
        <form onSubmit={submit} className="flex gap-2">
          <Input
            type="search"
            autoFocus
            aria-label={t("filter.phone")}
            placeholder={t("filter.phone")}
            minLength={3}
            maxLength={40}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button type="submit">{t("filter.go")}</Button>
        </form>
        {list.isPending && <Loading lines={3} />}
        {list.isError && <ProblemNotice error={list.error} retry={() => list.refetch()} />}
        {list.isSuccess && rows.length === 0 && (
          <p className="text-muted-foreground">
            {t("empty.filtered")}. {t("empty.filtered_detail")}
          </p>
        )}
        <ul className="max-h-80 divide-y overflow-y-auto rounded-lg border empty:hidden">
          {rows.map((row) => (
            <li key={row.id}>
              <button
                type="button"
                className="flex w-full items-baseline gap-3 px-3 py-2 text-left hover:bg-accent focus-visible:-outline-offset-2"
                onClick={() => onChoose(row)}
              >
                <span className="min-w-0 flex-1 truncate">{row.name || t("nameless")}</span>
                <span className="shrink-0 text-muted-foreground text-xs">
                  <Time at={row.created_at} />
                </span>
              </button>
            </li>
          ))}
        </ul>
        <More of={list} />
      </div>
    </Dialog>
  );
}

/** Says first what would become of both: it cannot be taken back. */
function Sure({ contact, other, onClose }: { contact: Contact; other: Other; onClose: () => void }) {
  const { t, i18n } = useTranslation("contacts");
  const client = useQueryClient();
  const call = (dry_run: boolean) =>
    given(
      api.POST("/api/v1/contacts/{contact}/merge", {
        params: { path: { contact: contact.id }, header: dry_run ? {} : ONCE },
        body: { other: other.id, dry_run },
      }),
    );
  const plan = useQuery({ queryKey: ["merges", contact.id, other.id], gcTime: 0, queryFn: () => call(true) });
  const merge = useMutation({
    meta: { shown: true },
    mutationFn: () => call(false),
    onSuccess() {
      toast.done(t("merge.done"));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["contacts"] }),
  });
  const name = contact.name || t("nameless");
  const list = new Intl.ListFormat(i18n.language);
  const called = (field: string) => (BUILT_IN.includes(field) ? t(`field.${field as "name"}`) : field);
  const facts = plan.data
    ? [
        [t("merge.names"), plan.data.identities.map((one) => one.value)],
        [t("merge.fields"), plan.data.fields.map(called)],
        [t("merge.kept"), plan.data.kept.map(called)],
        [t("merge.tags"), plan.data.tags],
        [t("merge.moved"), plan.data.moved.map((one) => one.number)],
        [t("merge.ended"), plan.data.ended.map((one) => one.number)],
      ].filter((fact): fact is [string, string[]] => (fact[1] as string[]).length > 0)
    : [];
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={t("merge.ask", { other: other.name || t("nameless"), name })}
      act={t("merge.act")}
      typed={name}
      danger
      busy={merge.isPending || plan.isPending}
      error={plan.error ?? merge.error}
      onConfirm={() => merge.mutate()}
    >
      <p>{t("merge.detail")}</p>
      <dl className="grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-4 gap-y-1 text-[13px]">
        {facts.map(([what, which]) => (
          <div key={what} className="contents">
            <dt className="text-muted-foreground">{what}</dt>
            <dd className="break-words">{list.format(which)}</dd>
          </div>
        ))}
      </dl>
    </Confirm>
  );
}
