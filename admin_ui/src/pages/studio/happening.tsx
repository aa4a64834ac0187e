import { useTranslation } from "react-i18next";
import type { Files } from "../../studio/draft";
import { readFlow } from "../../studio/flow-text";
import { type Begin, nameOf } from "../../studio/personas";
import { span } from "../../ui/when";

/** A line as a conversation test has it. */
export type Line = Record<string, unknown>;

/** What a contact sends that is no text: nothing is in the files. */
export const SENT = [
  { kind: "image", content: { mime: "image/jpeg", filename: "photo.jpg" } },
  { kind: "video", content: { mime: "video/mp4", filename: "video.mp4" } },
  { kind: "audio", content: { mime: "audio/ogg", voice: true } },
  { kind: "document", content: { mime: "application/pdf", filename: "document.pdf" } },
  { kind: "location", content: { latitude: 45.4642, longitude: 9.19, name: "Milano" } },
] as const;

/** The events that flows wait for or begin by; first the one that is waited for at a step. */
export function eventsOf(files: Files, flow: string, step: string): string[] {
  const here: unknown[] = [];
  const found: unknown[] = [];
  for (const [path, text] of Object.entries(files)) {
    if (!path.startsWith("flows/")) continue;
    const read = readFlow(text);
    for (const trigger of read.triggers) found.push((trigger.event as { name?: unknown } | undefined)?.name);
    for (const each of read.steps)
      if (each.action === "wait") (read.id === flow && each.id === step ? here : found).push(each.with.event);
  }
  const names = [...here, ...found].filter((name) => typeof name === "string" && name !== "");
  return [...new Set(names as string[])];
}

/** What happened, as the talk shows it: what the contact said at the right, what else happened in the middle. */
export function Mine({ line }: { line: Line }) {
  const { t, i18n } = useTranslation("studio");
  const { user } = line;
  if (user === undefined)
    return <p className="text-center text-muted-foreground text-xs">{t(...wordsOf(line, i18n.language))}</p>;
  const sent = SENT.find(({ kind }) => typeof user === "object" && user !== null && kind in user);
  const said =
    typeof user === "string"
      ? user
      : sent
        ? t(`happens.${sent.kind}`)
        : String((user as { choose?: string }).choose ?? JSON.stringify(user));
  return (
    <div className="flex justify-end">
      <p className="max-w-[85%] whitespace-pre-wrap break-words rounded-2xl rounded-br-sm bg-primary px-3 py-1.5 text-[13px] text-primary-foreground">
        {said}
      </p>
    </div>
  );
}

function wordsOf(line: Line, language: string) {
  const [kind] = Object.keys(line);
  switch (kind) {
    case "begin":
      return ["begin.at", { step: nameOf(line.begin as Begin) }] as const;
    case "after":
      // As the button writes it: seconds.
      return ["simulator.passed", { span: span(Number.parseInt(String(line.after), 10), language) }] as const;
    case "event":
      return ["happens.posted", { name: (line.event as { name: string }).name }] as const;
    case "undelivered":
      return ["happens.undelivered", {}] as const;
    case "taken_over":
      return ["happens.taken_over", {}] as const;
    case "returned":
      return ["happens.returned", {}] as const;
    default: {
      const answer = (line.webhook ?? line.action) as { fails?: string } | undefined;
      return [answer?.fails === undefined ? "simulator.answered" : "simulator.unanswered", {}] as const;
    }
  }
}
