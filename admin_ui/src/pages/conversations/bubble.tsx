import { useMutation } from "@tanstack/react-query";
import { Check, CheckCheck, CircleAlert, CircleHelp, Clock, Download, RotateCw } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { authorized } from "../../api/client";
import { problemOf } from "../../api/problems";
import { useMay } from "../../api/session";
import { type Content, MessageContent, words } from "../../chat/content";
import { noteWords } from "../../chat/note";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { toast } from "../../ui/toast";
import { exact, locale } from "../../ui/when";
import { type Line, type Place, type Turn, useAct, useCalled } from "./queries";

const TICKS = {
  queued: { icon: Clock, look: "" },
  sending: { icon: Clock, look: "" },
  sent: { icon: Check, look: "" },
  unconfirmed: { icon: CircleHelp, look: "" },
  delivered: { icon: CheckCheck, look: "" },
  read: { icon: CheckCheck, look: "text-info" },
  failed: { icon: CircleAlert, look: "text-destructive" },
} as const;
type Tick = keyof typeof TICKS;

const FILES = ["image", "video", "audio", "document", "sticker"];

/** One message of a transcript. `turn`: what it caused, where that was asked for. */
export function Bubble({
  line,
  place,
  at,
  traced,
  turn,
}: {
  line: Line;
  place: Place;
  /** Where the bot stood, at the last message that it said there. */
  at: string;
  traced: boolean;
  turn: Turn | undefined;
}) {
  const { t, i18n } = useTranslation(["conversations", "chat"]);
  const called = useCalled();
  const out = line.direction === "out";
  const said = new Date(line.created_at);
  if (line.kind === "note")
    return (
      <p className="mx-auto max-w-prose py-1 text-center text-muted-foreground text-xs">
        {line.by && `${called(line.by)}: `}
        {words(line.body.text)}
      </p>
    );
  const content = { kind: line.kind, ...line.body } as Content;
  const tick = out && line.status in TICKS ? TICKS[line.status as Tick] : undefined;
  const hour = new Intl.DateTimeFormat(locale(i18n.language), { hour: "2-digit", minute: "2-digit" });
  return (
    <div className={cn("flex flex-col", out ? "items-end" : "items-start")}>
      <div
        className={cn(
          "max-w-[min(85%,36rem)] rounded-2xl px-3 py-1.5",
          out ? "rounded-br-sm bg-primary/12" : "rounded-bl-sm bg-muted",
          line.status === "failed" && "border border-destructive/50",
        )}
      >
        {line.by && (
          <p title={line.by} className="font-medium text-primary text-xs">
            {called(line.by)}
          </p>
        )}
        <MessageContent
          content={content}
          file={
            FILES.includes(line.kind) && (!out || content.ref) ? (
              <File line={line} place={place} content={content} />
            ) : undefined
          }
        />
        <p className="flex items-center justify-end gap-1 text-[11px] text-muted-foreground">
          {line.amended === "edited" && <span>{t("chat:edited_mark")}</span>}
          <time dateTime={line.created_at} title={exact(said, i18n.language)}>
            {hour.format(said)}
          </time>
          {tick && (
            <span
              title={`${t(`chat:delivery.${line.status as Tick}`)} · ${exact(new Date(line.status_at), i18n.language)}`}
            >
              <tick.icon aria-hidden className={cn("size-3.5", tick.look)} />
              <span className="sr-only">{t(`chat:delivery.${line.status as Tick}`)}</span>
            </span>
          )}
        </p>
      </div>
      {line.amended === "deleted" && (
        <p className="text-[11px] text-muted-foreground italic">{t("chat:deleted")}</p>
      )}
      {out && line.status === "failed" && <Failed line={line} place={place} />}
      {at && <p className="font-mono text-[11px] text-muted-foreground">{at}</p>}
      {traced && turn && <Trace turn={turn} />}
    </div>
  );
}

/** Why a message did not arrive, and a way to send it once more. */
function Failed({ line, place }: { line: Line; place: Place }) {
  const { t } = useTranslation("conversations");
  const may = useMay("agent");
  const act = useAct(place);
  return (
    <p className="flex max-w-[36rem] flex-wrap items-center justify-end gap-x-2 text-right text-destructive text-xs">
      <span className="break-words">{t("failed", { why: line.error || t("failed_unknown") })}</span>
      {may && (
        <Button
          variant="link"
          size="sm"
          busy={act.isPending}
          disabled={act.isSuccess}
          onClick={() =>
            act.mutate(
              { does: "send-again", message: line.id },
              { onSuccess: () => toast.done(t("done.send-again")) },
            )
          }
        >
          <RotateCw />
          {t("act.send_again")}
        </Button>
      )}
    </p>
  );
}

function Trace({ turn }: { turn: Turn }) {
  const { t } = useTranslation("conversations");
  if (turn.trace.length === 0)
    return <p className="text-[11px] text-muted-foreground">{t("trace.nothing")}</p>;
  return (
    <ol className="mt-0.5 border-l-2 pl-2 font-mono text-[11px] text-muted-foreground">
      {turn.trace.map((step, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a trace never changes
        <li key={place}>
          {words(step.flow) && `${words(step.flow)}.`}
          {words(step.step)}
          {words(step.outcome) && ` → ${words(step.outcome)}`}
          {words(step.note) && <> ({noteWords(words(step.note))})</>}
        </li>
      ))}
    </ol>
  );
}

/** A file that was sent or came: fetched when it is asked for, since each reading is on record. */
function File({ line, place, content }: { line: Line; place: Place; content: Content }) {
  const { t } = useTranslation(["conversations", "chat"]);
  const got = useMutation({
    mutationFn: async () => {
      const answer = await authorized(
        `/api/v1/numbers/${place.number}/conversations/${place.conversation}/messages/${line.id}/file`,
      );
      if (!answer.ok) throw await problemOf(answer);
      return URL.createObjectURL(await answer.blob());
    },
    onSuccess(address) {
      if (line.kind === "document") save(address, words(content.filename) || line.id);
    },
  });
  const address = got.data;
  useEffect(() => (address ? () => URL.revokeObjectURL(address) : undefined), [address]);
  const name = words(content.filename) || t(`chat:kind.${line.kind as "image"}`);
  if (content.state === "gone") return <p className="italic">{t("file.gone", { name })}</p>;
  if (content.state === "pending") return <p className="italic">{t("file.pending", { name })}</p>;
  if (address && (line.kind === "image" || line.kind === "sticker"))
    return <img src={address} alt={words(content.caption) || name} className="max-h-80 rounded-lg" />;
  if (address && line.kind === "video")
    // biome-ignore lint/a11y/useMediaCaption: what a contact films has no captions
    return <video src={address} controls className="max-h-80 rounded-lg" />;
  if (address && line.kind === "audio")
    // biome-ignore lint/a11y/useMediaCaption: what a contact says has no captions
    return <audio src={address} controls className="max-w-full" />;
  return (
    <Button size="sm" busy={got.isPending} onClick={() => got.mutate()}>
      <Download />
      <span className="max-w-60 truncate">{name}</span>
    </Button>
  );
}

function save(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
