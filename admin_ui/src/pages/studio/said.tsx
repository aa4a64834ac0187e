import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { MessageContent } from "../../chat/content";
import type { Note } from "../../studio/fit";
import type { Own, ShownStep } from "../../studio/preview";
import { Loading } from "../../ui/skeleton";
import { LANGUAGES } from "../../words";

const SchemaForm = lazy(() => import("../../ui/schema-form/schema-form"));

/** The engine's own words, in the language in which it says them to who speaks `language`. */
export function useOwn(language: string): Own {
  const [base] = language.split("-");
  const { t } = useTranslation("preview", { lng: base !== undefined && base in LANGUAGES ? base : "en" });
  return useMemo(() => ({ yes: t("yes"), no: t("no"), open: t("open"), more: t("more") }), [t]);
}

/** What a step says to a contact, and what it asks. */
export function Said({ step, asForm, language }: { step: ShownStep; asForm: boolean; language: string }) {
  const { t } = useTranslation("preview");
  if (asForm && step.form)
    return (
      <div className="rounded-md border p-3">
        <Suspense fallback={<Loading />}>
          <SchemaForm
            key={language}
            schema={step.form.schema}
            data={{}}
            words={(property) => step.form?.words[property] ?? {}}
            onSave={() => undefined}
            saving={false}
            readOnly
            act=""
          />
        </Suspense>
      </div>
    );
  if (step.said.length === 0 && step.asks.length === 0)
    return <p className="text-muted-foreground text-xs italic">{t("silent", { action: step.action })}</p>;
  return (
    <>
      {step.said.map((content, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step's messages have no other name
        <Bubble key={at} content={content} />
      ))}
      {step.asks.map((asked) => (
        <div key={asked.field} className="space-y-1">
          {asked.content.map((content) => (
            <Bubble key={asked.field} content={content} />
          ))}
          <p className="ml-auto w-fit max-w-[85%] rounded-2xl rounded-br-sm border border-dashed px-3 py-1 text-muted-foreground text-xs">
            {asked.required ? asked.field : t("optional", { field: asked.field })}
          </p>
        </div>
      ))}
    </>
  );
}

function Bubble({ content }: { content: ShownStep["said"][number] }) {
  return (
    <div className="w-fit max-w-[85%] rounded-2xl rounded-bl-sm bg-muted px-3 py-1.5 text-[13px]">
      <MessageContent content={content} />
    </div>
  );
}

/** What the channel shows in another way than it was written. */
export function Notes({ notes }: { notes: readonly Note[] }) {
  const { t } = useTranslation("preview");
  if (notes.length === 0) return null;
  return (
    <ul className="space-y-1 text-warning text-xs">
      {notes.map((note) => (
        <li key={`${note.why} ${note.words}`}>
          {t(`why.${note.why}`, { ...note, words: shortened(note.words ?? "") })}
          {note.how && ` ${t(`how.${note.how}`)}`}
        </li>
      ))}
    </ul>
  );
}

const SHOWN = 40;

function shortened(words: string): string {
  return words.length > SHOWN ? `${words.slice(0, SHOWN)}…` : words;
}
