import { Printer } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { MessageContent } from "../../chat/content";
import type { Files } from "../../studio/draft";
import { languagesOf, nameOf } from "../../studio/languages";
import { previewOf, type ShownStep } from "../../studio/preview";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Select } from "../../ui/input";
import { Notice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Checkbox } from "../../ui/switch";

const SchemaForm = lazy(() => import("../../ui/schema-form/schema-form"));

type Props = {
  files: Files;
  /** The flow that is open; another file: all flows are shown. */
  file: string | undefined;
  channels: Schemas["ChannelOut"][];
  chosen: string | undefined;
  /** It is in sight: it is what is printed. */
  seen: boolean;
  onStep: (file: string, step: string) => void;
};

/** The draft as a contact would meet it, drawn from its files alone: nothing is asked of the server. */
export function Preview({ files, file, channels, chosen, seen, onStep }: Props) {
  const { t, i18n } = useTranslation("studio");
  const names = new Intl.DisplayNames(i18n.language, { type: "language" });
  const languages = languagesOf(files["bot.yaml"] ?? "");
  const [wanted, setWanted] = useState("");
  const language = languages.includes(wanted) ? wanted : (languages[0] ?? "en");
  const [channel, setChannel] = useState("cloud_api");
  const limits = channels.find((each) => each.name === channel)?.capabilities ?? NO_LIMITS;
  const [asForm, setAsForm] = useState(false);
  const paths = useMemo(
    () =>
      file?.startsWith("flows/")
        ? [file]
        : Object.keys(files)
            .filter((path) => path.startsWith("flows/"))
            .sort(),
    [file, files],
  );
  const flows = useMemo(
    () =>
      paths.map((path) => ({
        path,
        ...previewOf(files, path, language, limits, { yes: t("preview.yes"), no: t("preview.no") }),
      })),
    [files, paths, language, limits, t],
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-1 border-b px-3 py-1.5">
        <Select
          aria-label={t("simulator.language")}
          className="h-7 w-auto text-xs"
          value={language}
          onChange={(event) => setWanted(event.target.value)}
        >
          {(languages.length > 0 ? languages : [language]).map((each) => (
            <option key={each} value={each}>
              {nameOf(names, each)}
            </option>
          ))}
        </Select>
        <Select
          aria-label={t("simulator.channel")}
          className="h-7 w-auto text-xs"
          value={channel}
          onChange={(event) => setChannel(event.target.value)}
        >
          {CHANNELS.map((each) => (
            <option key={each} value={each}>
              {t(`simulator.channels.${each}`)}
            </option>
          ))}
        </Select>
        <label htmlFor="preview-as-form" className="ml-auto flex items-center gap-1.5 text-xs">
          <Checkbox
            id="preview-as-form"
            checked={asForm}
            onChange={(event) => setAsForm(event.target.checked)}
          />
          {t("preview.as_form")}
        </label>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("preview.print")}
          title={t("preview.print")}
          disabled={flows.length === 0}
          onClick={() => window.print()}
        >
          <Printer />
        </Button>
      </div>
      <div data-printed={seen || undefined} className="min-h-0 flex-1 space-y-6 overflow-y-auto p-3">
        {flows.length === 0 && <p className="text-center text-muted-foreground">{t("preview.none")}</p>}
        {flows.map((flow) => (
          <section key={flow.path} aria-label={flow.title} className="space-y-2">
            <h3 className="font-medium text-[13px]">{flow.title}</h3>
            {flow.broken && <Notice kind="warning">{t("preview.broken", { file: flow.path })}</Notice>}
            <ol className="space-y-3">
              {flow.steps.map((step) => (
                <li
                  key={step.id}
                  className={cn(
                    "space-y-1.5 rounded-md border-l-2 pl-2",
                    step.id === chosen && "border-primary",
                    step.disabled && "opacity-50",
                  )}
                >
                  <p className="flex flex-wrap items-center gap-1.5 text-xs">
                    <button
                      type="button"
                      className="rounded font-mono text-muted-foreground hover:underline"
                      onClick={() => onStep(flow.path, step.id)}
                    >
                      {step.id}
                    </button>
                    {step.missing && <Badge tone="warning">{t("form.missing")}</Badge>}
                  </p>
                  <Said step={step} asForm={asForm} language={language} />
                  {step.ways.map(([outcome, to]) => (
                    <p key={outcome} className="text-muted-foreground text-xs">
                      {outcome || t("form.next")} → {to}
                    </p>
                  ))}
                </li>
              ))}
            </ol>
          </section>
        ))}
      </div>
    </div>
  );
}

function Said({ step, asForm, language }: { step: ShownStep; asForm: boolean; language: string }) {
  const { t } = useTranslation("studio");
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
    return (
      <p className="text-muted-foreground text-xs italic">{t("preview.silent", { action: step.action })}</p>
    );
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
            {asked.required ? asked.field : t("preview.optional", { field: asked.field })}
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

const CHANNELS = ["cloud_api", "linked_device", "simulator"] as const;
const NO_LIMITS = {};
