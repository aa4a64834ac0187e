import { type FormEvent, useDeferredValue, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Draft, Now } from "../../studio/draft";
import { broken, type Hit, MOST, replaced, seek } from "../../studio/seek";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { Notice } from "../../ui/notice";
import { Checkbox } from "../../ui/switch";
import { toast } from "../../ui/toast";
import type { Shown } from "./routes";

type Props = {
  draft: Draft;
  now: Now;
  /** What is looked for at first. */
  words: string;
  onClose: () => void;
  onShow: (place: Shown, column: number) => void;
};

/** Words in all files, and what would stand there instead; then it is one act. */
export function Seek({ draft, now, words, onClose, onShow }: Props) {
  const { t } = useTranslation(["whole-bot", "frame"]);
  const form = useId();
  const [wanted, setWanted] = useState({ words, exact: false, whole: false });
  const [put, setPut] = useState("");
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set()); // places that stay as they are
  const late = useDeferredValue(wanted);
  const { hits, more } = useMemo(() => seek(now.files, late), [now.files, late]);
  const chosen = hits.filter((hit) => !left.has(id(hit)));
  const next = useDeferredValue(put);
  const breaks = useMemo(
    () =>
      broken(
        now.files,
        replaced(
          now.files,
          hits.filter((hit) => !left.has(id(hit))),
          next,
        ),
      ),
    [now.files, hits, left, next],
  );
  const files = [...new Set(hits.map((hit) => hit.path))];
  const ready =
    draft.editable && chosen.length > 0 && put !== wanted.words && late === wanted && next === put;
  const want = (more: Partial<typeof wanted>) => {
    setWanted({ ...wanted, ...more });
    setLeft(new Set());
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || breaks.length > 0) return;
    const undo = draft.edit(replaced(now.files, chosen, put));
    toast.done(t("seek.done", { count: chosen.length }), undo);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("seek.title")}
      description={t("seek.detail")}
      className="max-w-3xl"
      footer={
        <>
          <Button onClick={onClose}>{t("frame:action.cancel")}</Button>
          <Button variant="primary" type="submit" form={form} disabled={!ready || breaks.length > 0}>
            {t("seek.act", { count: chosen.length })}
          </Button>
        </>
      }
    >
      <form id={form} className="space-y-4" onSubmit={submit}>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={t("seek.find")}>
            <Input
              autoFocus
              type="search"
              value={wanted.words}
              spellCheck={false}
              autoComplete="off"
              className="font-mono"
              onChange={(event) => want({ words: event.target.value })}
            />
          </Field>
          <Field label={t("seek.put")} hint={draft.editable ? undefined : t("frame:locked.editor")}>
            <Input
              value={put}
              readOnly={!draft.editable}
              spellCheck={false}
              autoComplete="off"
              className="font-mono"
              onChange={(event) => setPut(event.target.value)}
            />
          </Field>
        </div>
        <div className="flex flex-wrap items-center gap-x-5 gap-y-2 text-[13px]">
          {(["exact", "whole"] as const).map((each) => (
            <label key={each} htmlFor={`seek-${each}`} className="flex items-center gap-2">
              <Checkbox
                id={`seek-${each}`}
                checked={wanted[each]}
                onChange={(event) => want({ [each]: event.target.checked })}
              />
              {t(`seek.${each}`)}
            </label>
          ))}
          <span role="status" className="ml-auto text-muted-foreground">
            {wanted.words !== "" && t("seek.found", { count: hits.length })}
          </span>
        </div>
        {more && <Notice kind="warning">{t("seek.more", { count: MOST })}</Notice>}
        {breaks.length > 0 && (
          <Notice kind="problem" title={t("seek.breaks")}>
            {breaks.join(", ")}
          </Notice>
        )}
        {files.map((file) => (
          <section key={file} aria-label={file}>
            <h3 className="mb-1 break-all font-medium text-[13px]">{file}</h3>
            <ul className="divide-y rounded-md border text-[13px]">
              {hits
                .filter((hit) => hit.path === file)
                .map((hit) => (
                  <li key={hit.from} className="flex items-start gap-3 px-3 py-1.5">
                    {draft.editable && (
                      <Checkbox
                        aria-label={t("seek.place", { file, line: hit.line })}
                        checked={!left.has(id(hit))}
                        onChange={(event) => {
                          const stays = new Set(left);
                          if (event.target.checked) stays.delete(id(hit));
                          else stays.add(id(hit));
                          setLeft(stays);
                        }}
                      />
                    )}
                    <button
                      type="button"
                      className="flex min-w-0 flex-1 gap-3 text-left hover:underline"
                      onClick={() => {
                        onClose();
                        onShow({ file, line: hit.line }, hit.at + 1);
                      }}
                    >
                      <span className="w-8 shrink-0 text-right text-muted-foreground tabular-nums">
                        {hit.line}
                      </span>
                      <code className="min-w-0 flex-1 whitespace-pre-wrap break-words text-xs leading-5">
                        <Changed hit={hit} put={left.has(id(hit)) ? undefined : put} />
                      </code>
                    </button>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </form>
    </Dialog>
  );
}

const AROUND = 120; // of a long line

function Changed({ hit, put }: { hit: Hit; put: string | undefined }) {
  const end = hit.at + hit.to - hit.from;
  const word = hit.text.slice(hit.at, end);
  const before = hit.text.slice(Math.max(0, hit.at - AROUND), hit.at);
  return (
    <>
      {before.length < hit.at ? `…${before}` : before.trimStart()}
      {put ? (
        <>
          <del className="text-destructive">{word}</del>
          <ins className="text-success no-underline">{put}</ins>
        </>
      ) : (
        <mark className="bg-transparent font-semibold text-foreground">{word}</mark>
      )}
      {hit.text.slice(end, end + AROUND)}
      {hit.text.length > end + AROUND && "…"}
    </>
  );
}

function id(hit: Hit): string {
  return `${hit.path}:${hit.from}`;
}
