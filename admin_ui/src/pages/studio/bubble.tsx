import { memo, useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Files } from "../../studio/draft";
import { roomOf, stepIn } from "../../studio/preview";
import { Badge } from "../../ui/badge";
import { ChannelSelect, useChannel } from "./channel";
import { Notes, Said, useOwn } from "./said";

type Props = {
  files: Files;
  file: string;
  step: string;
  action: string;
  /** What is in its form by now. */
  given: Record<string, unknown>;
  language: string;
};

/** A step as a contact meets it, drawn while it is written. One that says nothing has none. */
export const Bubble = memo(({ files, file, step, action, given, language }: Props) => {
  const { t } = useTranslation(["preview", "studio"]);
  const title = useId();
  const channel = useChannel();
  const own = useOwn(language);
  const room = useMemo(
    () => channel.limits && roomOf(files, file, language, channel.limits, own),
    [files, file, language, channel.limits, own],
  );
  const shown = useMemo(
    () => room && stepIn(room, { id: step, action, with: given }),
    [room, step, action, given],
  );
  if (!shown || shown.said.length + shown.asks.length + shown.notes.length === 0) return null;
  return (
    <section aria-labelledby={title} className="space-y-2 border-t pt-3">
      <div className="flex items-center gap-2">
        <h3 id={title} className="shrink-0 font-medium text-[13px]">
          {t("shown")}
        </h3>
        {shown.missing && <Badge tone="warning">{t("studio:form.missing")}</Badge>}
        <div className="ml-auto min-w-0">
          <ChannelSelect name={channel.name} onChoose={channel.choose} />
        </div>
      </div>
      {shown.said.length + shown.asks.length > 0 && <Said step={shown} asForm={false} language={language} />}
      <Notes notes={shown.notes} />
    </section>
  );
});
