import { useQuery } from "@tanstack/react-query";
import { LayoutTemplate, Paperclip, SendHorizontal, Type } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { useTyping } from "../../api/presence";
import { useMay, useMe } from "../../api/session";
import { Button } from "../../ui/button";
import { Textarea } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { useNow } from "../../ui/now";
import { Tooltip } from "../../ui/tooltip";
import { span } from "../../ui/when";
import { AttachedLine, useUpload } from "./attachment";
import { usePresence } from "./presence";
import { type Conversation, channelsQuery, useAct, useCalled } from "./queries";
import { type Draft, draftQuery, useDraft } from "./reply-draft";
import { begunOf, TemplateBox } from "./template-box";

const HOUR_MS = 3_600_000;
const SOON_MS = 3 * HOUR_MS;
const SPOKEN = ["audio", "sticker"]; // they carry no caption: what is written beside them goes after them

type Props = {
  number: Schemas["NumberOut"];
  row: Conversation;
  /** Called when an answer has gone to the server. */
  onSent: () => void;
};

/** Where an agent writes. What is typed is kept, by person and conversation, until it is sent. */
export function Composer({ number, row, onSent }: Props) {
  const { t } = useTranslation("conversations");
  const me = useMe();
  const may = useMay("agent");
  const place = { number: number.id, conversation: row.id };
  const first = useQuery({ ...draftQuery(place, me.id), enabled: may });
  if (!may) return <p className="border-t px-4 py-3 text-muted-foreground text-sm">{t("locked")}</p>;
  if (first.isPending) return <div className="h-28 border-t" aria-busy />;
  if (first.isError)
    return <ProblemNotice error={first.error} retry={() => first.refetch()} className="m-3 border-t" />;
  return <Box number={number} row={row} first={first.data} onSent={onSent} />;
}

function Box({ number, row, first, onSent }: Props & { first: Draft & { unsaved: boolean } }) {
  const { t, i18n } = useTranslation("conversations");
  const me = useMe();
  const place = { number: number.id, conversation: row.id };
  const { draft, kept, change, quiet, sent } = useDraft(place, me.id, first);
  const [typing, key, stopped] = useTyping();
  const others = usePresence(place, typing);
  const file = useUpload(place, (attachment) => change({ attachment }));
  const [template, setTemplate] = useState(() => begunOf(me.id, row.id) !== undefined);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const act = useAct(place);
  const channels = useQuery(channelsQuery);
  const can = channels.data?.find((each) => each.name === number.channel)?.capabilities;
  const now = useNow();
  const hours = Number(can?.free_text_hours ?? 0);
  const ends = hours > 0 && row.last_in_at ? new Date(row.last_in_at).getTime() + hours * HOUR_MS : undefined;
  const closed = hours > 0 && (ends === undefined || ends <= now);
  const templates = can?.template === true;
  const { text, attachment } = draft;
  const apart = attachment !== null && SPOKEN.includes(attachment.kind) && text.trim() !== "";
  const most = Number(attachment && !apart ? (can?.caption ?? 1024) : (can?.text ?? 4096));
  const empty = text.trim() === "" && attachment === null;
  const stuck = row.opted_out || act.isPending || file.going !== undefined;

  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    if (empty || stuck || closed || text.length > most) return;
    const said = text.trim();
    stopped();
    await quiet();
    try {
      if (attachment) {
        const caption = apart ? "" : said;
        await act.mutateAsync({ does: "reply", body: { attachment: { ...attachment, caption } } });
        if (apart) change({ attachment: null });
      }
      if (!attachment || apart) {
        await quiet();
        await act.mutateAsync({ does: "reply", body: { text: said } });
      }
      sent();
      onSent();
    } catch {
      change({}); // shown below, and kept
    }
    field.current?.focus();
  };
  const take = (files: FileList | null) => {
    const one = files?.[0];
    if (one) void file.begin(one);
    return one !== undefined;
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: what is dropped anywhere here is attached; a fieldset groups controls
    <div
      role="group"
      aria-label={t("reply.area")}
      className="space-y-2 border-t px-3 py-2.5"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        if (!closed && !row.opted_out) take(event.dataTransfer.files);
      }}
    >
      {row.opted_out && <Notice kind="warning">{t("opted_out.detail")}</Notice>}
      {closed && !row.opted_out && <Notice kind="warning">{t("window.closed", { count: hours })}</Notice>}
      {number.bot === null && <Notice kind="warning">{t("no_bot")}</Notice>}
      {(act.variables?.does === "reply" || file.error !== undefined) && (
        <ProblemNotice error={act.error ?? file.error} />
      )}
      <Others others={others} />
      {templates && !row.opted_out && (closed || template) ? (
        <TemplateBox
          number={number}
          conversation={row.id}
          busy={act.isPending}
          onSend={(body, done) =>
            act.mutate(
              { does: "reply", body },
              {
                onSuccess() {
                  done();
                  onSent();
                  setTemplate(false);
                },
              },
            )
          }
          back={
            !closed && (
              <Button size="sm" onClick={() => setTemplate(false)}>
                <Type />
                {t("template.back")}
              </Button>
            )
          }
        />
      ) : (
        <form onSubmit={send} className="space-y-2">
          <AttachedLine
            file={attachment}
            going={file.going}
            picture={file.picture}
            onRemove={() => {
              if (file.going) file.cancel();
              else change({ attachment: null });
            }}
          />
          <Textarea
            ref={field}
            aria-label={t("reply.label")}
            placeholder={t(row.status === "running" ? "reply.bot_has_floor" : "reply.placeholder")}
            value={text}
            rows={Math.min(8, Math.max(2, text.split("\n").length))}
            disabled={closed || row.opted_out}
            readOnly={act.isPending}
            onChange={(event) => {
              change({ text: event.target.value });
              key();
            }}
            onPaste={(event) => {
              if (take(event.clipboardData.files)) event.preventDefault();
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
                event.preventDefault();
                void send();
              }
            }}
          />
          <input
            ref={picker}
            type="file"
            hidden
            aria-label={t("file.attach")}
            onChange={(event) => {
              take(event.target.files);
              event.target.value = "";
            }}
          />
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-muted-foreground text-xs">
            <Tooltip words={t("file.attach")}>
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("file.attach")}
                disabled={closed || row.opted_out || file.going !== undefined}
                onClick={() => picker.current?.click()}
              >
                <Paperclip />
              </Button>
            </Tooltip>
            {templates && !row.opted_out && (
              <Tooltip words={t("template.use")}>
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-label={t("template.use")}
                  onClick={() => setTemplate(true)}
                >
                  <LayoutTemplate />
                </Button>
              </Tooltip>
            )}
            {kept !== "here" && <span className="max-sm:hidden">{t("reply.keys")}</span>}
            <span role="status">
              {!empty && kept === "here" && <span className="text-warning">{t("draft.here")}</span>}
              {!empty && kept === "saved" && t("draft.saved")}
            </span>
            <span className="ml-auto flex items-center gap-3">
              {text.length > most * 0.9 && (
                <span className={text.length > most ? "text-destructive" : ""}>
                  {text.length} / {most}
                </span>
              )}
              {ends !== undefined && !closed && (
                <span className={ends - now < SOON_MS ? "text-warning" : ""}>
                  {t("window.open", { left: span((ends - now) / 1000, i18n.language) })}
                </span>
              )}
              <Button
                type="submit"
                variant="primary"
                size="sm"
                busy={act.isPending}
                disabled={empty || stuck || closed || text.length > most}
              >
                {!act.isPending && <SendHorizontal />}
                {t("reply.send")}
              </Button>
            </span>
          </div>
        </form>
      )}
    </div>
  );
}

/** Who else is here: two agents should not answer at once. */
function Others({ others }: { others: ReturnType<typeof usePresence> }) {
  const { t, i18n } = useTranslation("conversations");
  const called = useCalled();
  const list = new Intl.ListFormat(i18n.language);
  const typing = others.filter((each) => each.doing === "typing").map((each) => called(each.name));
  const looking = others.filter((each) => each.doing !== "typing").map((each) => called(each.name));
  return (
    <p role="status" className="truncate text-muted-foreground text-xs empty:hidden">
      {typing.length > 0 && (
        <span className="font-medium text-warning">
          {t("others.typing", { who: list.format(typing), count: typing.length })}{" "}
        </span>
      )}
      {looking.length > 0 && t("others.looking", { who: list.format(looking) })}
    </p>
  );
}
