import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { type Content, MessageContent } from "../../chat/content";
import { noteWords } from "../../chat/note";
import { type Line, Mine } from "./happening";
import { Answered } from "./stubs";

type Props = {
  line: Line;
  happened: Schemas["HappenedOut"] | undefined;
  /** The steps that ran are shown. */
  traced: boolean;
  /** The last one's buttons can be pressed. */
  onSay?: (line: Line) => void;
  /** What can be done with the line, below it. */
  children?: ReactNode;
};

/** One thing that happened in a simulated talk, and what the bot said and did. */
export function TalkLine({ line, happened, traced, onSay, children }: Props) {
  const { t } = useTranslation("studio");
  return (
    <div className="space-y-1.5">
      <Mine line={line} />
      {children}
      {happened?.said.map((said, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as it was said
        <div key={at} className="flex justify-start">
          <div className="max-w-[85%] rounded-2xl rounded-bl-sm bg-muted px-3 py-1.5 text-[13px]">
            <MessageContent
              content={said.body as Content}
              {...(onSay
                ? { onChoose: (choice: { title: string }) => onSay({ user: { choose: choice.title } }) }
                : {})}
            />
          </div>
        </div>
      ))}
      {happened?.kept.map((kept, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as it was kept
        <p key={at} className="text-[11px] text-muted-foreground">
          {t(`simulator.kept.${kept.kind}`, { text: kept.text })}
        </p>
      ))}
      {traced && <Answered line={line} />}
      {traced && happened && (
        <ol className="border-l-2 pl-2 font-mono text-[11px] text-muted-foreground">
          {happened.trace.map((step, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a trace never changes
            <li key={at}>
              {step.step && `${step.flow}.${step.step}`}
              {step.outcome && ` → ${step.outcome}`}
              {step.note && ` (${noteWords(step.note)})`}
              {step.unset.length > 0 && (
                <span className="text-warning">
                  {" "}
                  {t("simulator.unset", { names: step.unset.join(", ") })}
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
