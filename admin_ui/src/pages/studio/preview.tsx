import { Printer } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Files } from "../../studio/draft";
import { languagesOf, nameOf } from "../../studio/languages";
import { previewOf } from "../../studio/preview";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Select } from "../../ui/input";
import { Notice } from "../../ui/notice";
import { Checkbox } from "../../ui/switch";
import { ChannelSelect, useChannel } from "./channel";
import { Notes, Said, useOwn } from "./said";

type Props = {
  files: Files;
  /** The flow that is open; another file: all flows are shown. */
  file: string | undefined;
  chosen: string | undefined;
  /** The language of the canvas, until another is chosen here. */
  speaks: string | undefined;
  /** It is in sight: it is what is printed. */
  seen: boolean;
  onStep: (file: string, step: string) => void;
};

/** The draft as a contact would meet it, drawn from its files alone: nothing is asked of the server. */
export function Preview({ files, file, chosen, speaks, seen, onStep }: Props) {
  const { t, i18n } = useTranslation(["preview", "studio"]);
  const names = new Intl.DisplayNames(i18n.language, { type: "language" });
  const languages = languagesOf(files["bot.yaml"] ?? "");
  const [wanted, setWanted] = useState("");
  const language = [wanted, speaks, languages[0]].find((each) => each && languages.includes(each)) ?? "en";
  const channel = useChannel();
  const limits = channel.limits ?? NO_LIMITS;
  const own = useOwn(language);
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
        ...previewOf(files, path, language, limits, own),
      })),
    [files, paths, language, limits, own],
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex items-center gap-1 border-b px-2 py-1.5">
        <Select
          aria-label={t("studio:simulator.language")}
          small
          className="max-w-24 shrink-0"
          value={language}
          onChange={(event) => setWanted(event.target.value)}
        >
          {(languages.length > 0 ? languages : [language]).map((each) => (
            <option key={each} value={each}>
              {nameOf(names, each)}
            </option>
          ))}
        </Select>
        <ChannelSelect name={channel.name} onChoose={channel.choose} />
        <label
          htmlFor="preview-as-form"
          className="ml-auto flex shrink-0 items-center gap-1.5 whitespace-nowrap text-xs"
        >
          <Checkbox
            id="preview-as-form"
            checked={asForm}
            onChange={(event) => setAsForm(event.target.checked)}
          />
          {t("as_form")}
        </label>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("print")}
          title={t("print")}
          disabled={flows.length === 0}
          onClick={() => window.print()}
        >
          <Printer />
        </Button>
      </div>
      <div data-printed={seen || undefined} className="min-h-0 flex-1 space-y-6 overflow-y-auto p-3">
        {flows.length === 0 && <p className="text-center text-muted-foreground">{t("none")}</p>}
        {flows.map((flow) => (
          <section key={flow.path} aria-label={flow.title} className="space-y-2">
            <h3 className="font-medium text-[13px]">{flow.title}</h3>
            {flow.broken && <Notice kind="warning">{t("broken", { file: flow.path })}</Notice>}
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
                    {step.missing && <Badge tone="warning">{t("studio:form.missing")}</Badge>}
                  </p>
                  <Said step={step} asForm={asForm} language={language} />
                  {channel.limits && <Notes notes={step.notes} />}
                  {step.ways.map(([outcome, to]) => (
                    <p key={outcome} className="text-muted-foreground text-xs">
                      {outcome || t("studio:form.next")} → {to}
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

const NO_LIMITS = {};
