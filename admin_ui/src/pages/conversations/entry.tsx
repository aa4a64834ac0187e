import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Dot } from "../../ui/badge";
import { cn } from "../../ui/cn";
import { Moment } from "../../ui/time";
import { type Conversation, useCalled } from "./queries";

/** A conversation in a list. */
export function Entry({
  row,
  number,
  name,
  shown,
}: {
  row: Conversation;
  number: string | undefined;
  /** What its number is called, where the list has those of all numbers. */
  name: string;
  shown: boolean;
}) {
  const { t } = useTranslation(["conversations", "chat"]);
  const called = useCalled();
  const last = row.last;
  const media = ["image", "video", "audio", "document", "sticker", "location"];
  const said =
    last?.text ||
    (last && media.includes(last.kind)
      ? t(`chat:kind.${last.kind as "image"}`)
      : last
        ? `(${last.kind})`
        : "");
  return (
    <Link
      to="/conversations"
      search={({ of: _of, at: _at, ...rest }) => ({
        ...rest,
        ...(number ? { number } : { of: row.number }),
        open: row.id,
      })}
      aria-current={shown ? "true" : undefined}
      className={cn(
        "block border-b px-3 py-2.5 hover:bg-accent/60 focus-visible:-outline-offset-2",
        shown && "bg-accent hover:bg-accent",
      )}
    >
      <span className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-medium">{row.name || t("nameless")}</span>
        <Moment at={row.updated_at} className="shrink-0 text-muted-foreground text-xs" />
      </span>
      <span className="block truncate text-[13px] text-muted-foreground">
        {last?.direction === "out" && <span>{last.by ? `${called(last.by)}: ` : t("by_bot")}</span>}
        {said}
      </span>
      <span className="mt-0.5 flex items-center gap-1.5 text-muted-foreground text-xs">
        <Dot tone={row.status === "handed_off" ? "warning" : row.status === "running" ? "good" : "neutral"} />
        <span className="truncate">
          {row.status === "running"
            ? `${row.flow} · ${row.step}`
            : row.status === "handed_off"
              ? called(row.held_by) || row.team || t("owner.people")
              : t("owner.nobody")}
        </span>
        {last?.status === "failed" && <span className="text-destructive">{t("chat:delivery.failed")}</span>}
        {row.opted_out && <span className="shrink-0">{t("opted_out.short")}</span>}
        {name && <span className="ml-auto max-w-[45%] shrink-0 truncate pl-2">{name}</span>}
      </span>
    </Link>
  );
}
