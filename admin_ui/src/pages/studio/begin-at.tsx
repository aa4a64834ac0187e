import { Command } from "cmdk";
import { lazy, Suspense, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { dataForm, givenOf } from "../../studio/data-form";
import type { Files } from "../../studio/draft";
import { readFlow, type Step } from "../../studio/flow-text";
import { languagesOf } from "../../studio/languages";
import { glimpse } from "../../studio/outcomes";
import { type Begin, nameOf } from "../../studio/personas";
import { tongueOf } from "../../studio/tongue";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Loading } from "../../ui/skeleton";

const SchemaForm = lazy(() => import("../../ui/schema-form/schema-form"));

type Data = Record<string, unknown>;

const NOTHING: Data = {};
type Props = {
  files: Files;
  /** The step that is offered; undefined: it is to be chosen. */
  at: Begin | undefined;
  /** What the persona's flows hold. */
  held: Readonly<Record<string, Data>>;
  persona: string;
  onBegin: (at: Begin, data: Data) => void;
  onClose: () => void;
};

/** Where a talk begins, and what the flow holds by then. */
export function BeginAt({ files, at: offered, held, persona, onBegin, onClose }: Props) {
  const { t, i18n } = useTranslation("studio");
  const [at, setAt] = useState(offered);
  const [picks, setPicks] = useState(offered === undefined);
  const [typed, setTyped] = useState(held);
  const body = useRef<HTMLDivElement>(null);
  const spoken = languagesOf(files["bot.yaml"] ?? "");
  const language = spoken.includes(i18n.language) ? i18n.language : (spoken[0] ?? "en");
  const form = useMemo(() => at && dataForm(files, at.flow, language), [files, at, language]);
  const focus = () =>
    body.current
      ?.querySelector<HTMLElement>("form input, form select, form textarea, button[type=submit]")
      ?.focus();
  return (
    <Dialog open onOpenChange={onClose} title={t("begin.title")} description={t("begin.lead", { persona })}>
      <div ref={body} className="space-y-4">
        {picks || !at ? (
          <Steps
            files={files}
            language={language}
            onPick={(picked) => {
              setAt(picked);
              setPicks(false);
            }}
          />
        ) : (
          <div className="flex items-center justify-between gap-2">
            <p className="min-w-0 truncate font-mono text-xs">{nameOf(at)}</p>
            <Button size="sm" onClick={() => setPicks(true)}>
              {t("begin.another")}
            </Button>
          </div>
        )}
        {at && !picks && (
          <Suspense fallback={<Loading />}>
            {form ? (
              <>
                <p className="text-muted-foreground text-xs">{t("begin.data")}</p>
                <SchemaForm
                  key={at.flow}
                  schema={form.schema}
                  data={typed[at.flow] ?? NOTHING}
                  onChange={(data) => setTyped({ ...typed, [at.flow]: data })}
                  words={(property) => form.words[property] ?? {}}
                  onSave={(data) => onBegin(at, givenOf(data))}
                  saving={false}
                  act={t("begin.act")}
                />
              </>
            ) : (
              <>
                <p className="text-muted-foreground text-xs">{t("begin.no_data")}</p>
                <Button type="submit" variant="primary" onClick={() => onBegin(at, {})}>
                  {t("begin.act")}
                </Button>
              </>
            )}
            <Ready onReady={focus} />
          </Suspense>
        )}
      </div>
    </Dialog>
  );
}

/** What is there once the form is. */
function Ready({ onReady }: { onReady: () => void }) {
  const ready = useEffectEvent(onReady);
  useEffect(() => ready(), []);
  return null;
}

type StepsProps = { files: Files; language: string; onPick: (at: Begin) => void };

/** All steps of the bot, by flow. */
function Steps({ files, language, onPick }: StepsProps) {
  const { t } = useTranslation("studio");
  const tongue = tongueOf(files, language);
  const flows = Object.keys(files)
    .filter((path) => path.startsWith("flows/"))
    .sort()
    .map((path) => readFlow(files[path] ?? ""));
  return (
    <Command label={t("begin.step")} className="rounded-md border">
      <Command.Input
        autoFocus
        placeholder={t("connect.find")}
        className="w-full border-b bg-transparent px-3 py-2 text-sm outline-none"
      />
      <Command.List className="max-h-[50dvh] overflow-y-auto p-1">
        <Command.Empty className="px-3 py-4 text-muted-foreground text-sm">{t("connect.none")}</Command.Empty>
        {flows.map((flow) => (
          <Command.Group
            key={flow.id}
            heading={flow.id}
            className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-muted-foreground [&_[cmdk-group-heading]]:text-xs"
          >
            {flow.steps.map((step: Step) => (
              <Command.Item
                key={step.id}
                value={`${flow.id}.${step.id}`}
                onSelect={() => onPick({ flow: flow.id, step: step.id })}
                className="flex cursor-default items-baseline gap-3 rounded-md px-2 py-1.5 text-xs data-[selected=true]:bg-accent pointer-coarse:py-2.5"
              >
                <span className="shrink-0 font-mono">{step.id}</span>
                <span className="min-w-0 truncate text-muted-foreground">
                  {glimpse(step, tongue, flow.id)}
                </span>
              </Command.Item>
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}
