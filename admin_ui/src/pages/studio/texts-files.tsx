import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { authorized, type Schemas } from "../../api/client";
import { download } from "../../api/download";
import { problemOf } from "../../api/problems";
import type { Draft } from "../../studio/draft";
import type { Translated } from "../../studio/texts";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Select } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Checkbox } from "../../ui/switch";
import { toast } from "../../ui/toast";

const FORMATS = { csv: "csv", po: "po", xliff: "xlf" } as const;
type Form = keyof typeof FORMATS;

/** The texts as a file for translators. */
export function Download({
  draft,
  languages,
  onClose,
}: {
  draft: Draft;
  languages: string[];
  onClose: () => void;
}) {
  const { t } = useTranslation(["whole-bot", "frame"]);
  const [form, setForm] = useState<Form>("csv");
  const [language, setLanguage] = useState("");
  const into = form === "csv" ? language : language || (languages[0] ?? "");
  const load = useMutation({
    meta: { shown: true },
    async mutationFn() {
      await draft.flush();
      const asked = new URLSearchParams({ format: form, ...(into === "" ? {} : { language: into }) });
      const name = `${draft.bot}${into === "" ? "" : `-${into}`}.${FORMATS[form]}`;
      await download(`/api/v1/bots/${draft.bot}/draft/texts/file?${asked}`, name);
    },
    onSuccess: onClose,
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("texts.download_title")}
      description={t("texts.download_detail")}
      footer={
        <Button variant="primary" busy={load.isPending} onClick={() => load.mutate()}>
          {t("texts.download")}
        </Button>
      }
    >
      <div className="space-y-3">
        <Field label={t("texts.format")}>
          <Select value={form} onChange={(event) => setForm(event.target.value as Form)}>
            {(Object.keys(FORMATS) as Form[]).map((each) => (
              <option key={each} value={each}>
                {t(`texts.formats.${each}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("texts.into")}>
          <Select value={into} onChange={(event) => setLanguage(event.target.value)}>
            {form === "csv" && <option value="">{t("texts.all_languages")}</option>}
            {languages.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </Field>
        <ProblemNotice error={load.error} />
      </div>
    </Dialog>
  );
}

/** What a file that came back would change, before it does. */
export function Upload({
  draft,
  file,
  languages,
  onTake,
  onClose,
}: {
  draft: Draft;
  file: File;
  languages: string[];
  onTake: (changes: Translated[]) => (() => void) | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation(["whole-bot", "frame"]);
  const form: Form = /\.po$/i.test(file.name) ? "po" : /\.xli?f+$/i.test(file.name) ? "xliff" : "csv";
  const named = languages.find((each) => file.name.toLowerCase().includes(`-${each.toLowerCase()}.`));
  const read = useQuery({
    queryKey: ["texts-brought", draft.bot, file.name, file.lastModified, file.size],
    retry: false,
    gcTime: 0,
    async queryFn({ signal }) {
      await draft.flush();
      const asked = new URLSearchParams({
        format: form,
        ...(form !== "csv" && named ? { language: named } : {}),
      });
      const answer = await authorized(`/api/v1/bots/${draft.bot}/draft/texts/file?${asked}`, {
        method: "POST",
        body: file,
        signal,
      });
      if (!answer.ok) throw await problemOf(answer);
      return (await answer.json()) as Schemas["BroughtOut"];
    },
  });
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const id = (one: Schemas["TextChangeOut"]) => `${one.language} ${one.key}`;
  const taken = (read.data?.changes ?? []).filter((one) => !left.has(id(one)));
  const take = () => {
    const undo = onTake(
      taken.map((one) => ({ key: one.key, language: one.language, texts: one.after, from: one.made_from })),
    );
    if (undo) toast.done(t("texts.taken", { count: taken.length }), undo);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("texts.upload_title", { file: file.name })}
      description={t("texts.upload_detail")}
      className="max-w-4xl"
      footer={
        <>
          <Button onClick={onClose}>{t("frame:action.cancel")}</Button>
          <Button variant="primary" disabled={taken.length === 0} onClick={take}>
            {t("texts.take", { count: taken.length })}
          </Button>
        </>
      }
    >
      {read.isPending && <Loading />}
      <ProblemNotice error={read.error} />
      {read.data && read.data.changes.length === 0 && <p>{t("texts.nothing_new")}</p>}
      {read.data && read.data.unknown.length > 0 && (
        <Notice
          kind="warning"
          title={t("texts.unknown", { count: read.data.unknown.length })}
          className="mb-3"
        >
          <p className="break-all text-xs">{read.data.unknown.slice(0, 20).join(", ")}</p>
        </Notice>
      )}
      <ul className="divide-y">
        {read.data?.changes.map((one) => (
          <li key={id(one)} className="py-2 text-[13px]">
            <label htmlFor={`take-${id(one)}`} className="flex gap-2.5">
              <Checkbox
                id={`take-${id(one)}`}
                className="mt-0.5"
                checked={!left.has(id(one))}
                onChange={(event) => {
                  const next = new Set(left);
                  if (event.target.checked) next.delete(id(one));
                  else next.add(id(one));
                  setLeft(next);
                }}
              />
              <span className="min-w-0 flex-1 space-y-0.5">
                <span className="flex flex-wrap items-center gap-1.5 text-muted-foreground text-xs">
                  <Badge>{one.language}</Badge>
                  <span className="break-all">{one.key}</span>
                  {one.outdated && <Badge tone="warning">{t("texts.outdated")}</Badge>}
                </span>
                <span className="block whitespace-pre-wrap break-words text-muted-foreground">
                  {one.source.join(" / ")}
                </span>
                {one.before.length > 0 && (
                  <del className="block whitespace-pre-wrap break-words text-destructive">
                    {one.before.join(" / ")}
                  </del>
                )}
                <ins className="block whitespace-pre-wrap break-words text-success no-underline">
                  {one.after.join(" / ")}
                </ins>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
