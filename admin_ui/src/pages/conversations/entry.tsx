import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { Dot } from "../../ui/badge";
import { cn } from "../../ui/cn";
import { Moment } from "../../ui/time";
import { type Conversation, useCalled } from "./queries";

/** Whose conversations are listed. */
export type Listed = {
  /** Undefined: those of all numbers. */
  number: string | undefined;
  /** What each number is called. */
  names: ReadonlyMap<string, string>;
};

/** Conversations as they stand. */
export function Conversations({
  rows,
  open,
  label,
  ...listed
}: Listed & { rows: readonly Conversation[]; open: string | undefined; label?: string }) {
  return (
    <ul aria-label={label}>
      {rows.map((row) => (
        <Entry
          key={row.id}
          row={row}
          {...listed}
          leads={{ open: row.id }}
          at={row.updated_at}
          shown={row.id === open}
        >
          <Standing row={row} name={listed.number ? "" : (listed.names.get(row.number) ?? "")} />
        </Entry>
      ))}
    </ul>
  );
}

/** A conversation in a list: whose it is, when that was, and what is told of it. `leads`: to it, or to a message of it. */
export function Entry({
  row,
  number,
  leads,
  at,
  shown,
  children,
}: {
  row: Pick<Conversation, "name" | "number">;
  number: string | undefined;
  leads: { open: string; at?: string };
  at: string;
  shown: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation("conversations");
  return (
    <li>
      <Link
        to="/conversations"
        search={({ of: _of, at: _at, ...rest }) => ({
          ...rest,
          ...(number ? { number } : { of: row.number }),
          ...leads,
        })}
        aria-current={shown ? "true" : undefined}
        className={cn(
          "block border-b px-3 py-2.5 hover:bg-accent/60 focus-visible:-outline-offset-2",
          shown && "bg-accent hover:bg-accent",
        )}
      >
        <span className="flex items-baseline gap-2">
          <span className="min-w-0 flex-1 truncate font-medium">{row.name || t("nameless")}</span>
          <Moment at={at} className="shrink-0 text-muted-foreground text-xs" />
        </span>
        {children}
      </Link>
    </li>
  );
}

/** Who said a message, where that was not the contact. */
export function Said({ direction, by }: Pick<Schemas["FoundOut"], "direction" | "by">) {
  const { t } = useTranslation("conversations");
  const called = useCalled();
  return direction === "out" && <span>{by ? `${called(by)}: ` : t("by_bot")}</span>;
}

/** What was said last in it, who has it, and what its number is called. */
function Standing({ row, name }: { row: Conversation; name: string }) {
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
    <>
      <span className="block truncate text-[13px] text-muted-foreground">
        {last && <Said direction={last.direction} by={last.by} />}
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
    </>
  );
}
