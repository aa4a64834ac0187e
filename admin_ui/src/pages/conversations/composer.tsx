import { useQuery } from "@tanstack/react-query";
import { SendHorizontal } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { useMay, useMe } from "../../api/session";
import { Button } from "../../ui/button";
import { Textarea } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { useNow } from "../../ui/now";
import { span } from "../../ui/when";
import { type Conversation, channelsQuery, useAct } from "./queries";

const HOUR_MS = 3_600_000;
const SOON_MS = 3 * HOUR_MS;

/** Where an agent writes. What is typed is kept, by person and conversation, until it is sent. */
export function Composer({ number, row }: { number: Schemas["NumberOut"]; row: Conversation }) {
  const { t, i18n } = useTranslation("conversations");
  const me = useMe();
  const may = useMay("agent");
  const key = `chatloom.reply.${me.id}.${row.id}`;
  const [text, setText] = useState(() => localStorage.getItem(key) ?? "");
  const field = useRef<HTMLTextAreaElement>(null);
  const act = useAct({ number: number.id, conversation: row.id });
  const channels = useQuery(channelsQuery);
  const can = channels.data?.find((each) => each.name === number.channel)?.capabilities;
  const now = useNow();
  const hours = Number(can?.free_text_hours ?? 0);
  const ends = hours > 0 && row.last_in_at ? new Date(row.last_in_at).getTime() + hours * HOUR_MS : undefined;
  const closed = hours > 0 && (ends === undefined || ends <= now);
  useEffect(() => {
    if (text === "") localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  }, [key, text]);
  if (!may) return <p className="border-t px-4 py-3 text-muted-foreground text-sm">{t("locked")}</p>;
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    const said = text.trim();
    if (said === "" || act.isPending) return;
    act.mutate(
      { does: "reply", text: said },
      {
        onSuccess() {
          setText("");
          field.current?.focus();
        },
      },
    );
  };
  const most = Number(can?.text ?? 4096);
  return (
    <form onSubmit={send} className="space-y-2 border-t px-3 py-2.5">
      {row.opted_out && <Notice kind="warning">{t("opted_out.detail")}</Notice>}
      {closed && !row.opted_out && <Notice kind="warning">{t("window.closed", { count: hours })}</Notice>}
      {number.bot === null && <Notice kind="warning">{t("no_bot")}</Notice>}
      {act.variables?.does === "reply" && <ProblemNotice error={act.error} />}
      <div className="flex items-end gap-2">
        <Textarea
          ref={field}
          aria-label={t("reply.label")}
          placeholder={row.status === "handed_off" ? t("reply.placeholder") : t("reply.bot_has_floor")}
          value={text}
          rows={Math.min(8, Math.max(2, text.split("\n").length))}
          disabled={closed || row.opted_out}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
          }}
        />
        <Button
          type="submit"
          variant="primary"
          aria-label={t("reply.send")}
          size="icon"
          busy={act.isPending}
          disabled={text.trim() === "" || text.length > most || closed || row.opted_out}
        >
          {!act.isPending && <SendHorizontal />}
        </Button>
      </div>
      <p className="flex flex-wrap justify-between gap-x-4 text-muted-foreground text-xs">
        <span className="max-sm:hidden">{t("reply.keys")}</span>
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
      </p>
    </form>
  );
}
