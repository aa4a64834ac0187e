/** What the places of the settings share. */
import { type QueryKey, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "../../api/session";
import { useMay } from "../../api/session";
import { Copyable } from "../../ui/copy-button";
import { Dialog } from "../../ui/dialog";
import { Select, Textarea } from "../../ui/input";
import { More } from "../../ui/more";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { toast } from "../../ui/toast";
import { type Place, SettingsPage } from "./settings-page";

export const ROLES: Role[] = ["viewer", "agent", "editor", "admin"];

export function Section({
  place,
  actions,
  needs,
  children,
}: {
  place: Place;
  actions?: ReactNode;
  /** The role that may see it. */
  needs?: Role;
  children: ReactNode;
}) {
  const { t } = useTranslation(["settings", "frame"]);
  const may = useMay(needs ?? "viewer");
  return (
    <SettingsPage>
      <section className="space-y-5">
        <header className="flex items-start justify-between gap-3 max-sm:flex-wrap">
          <div className="min-w-0 space-y-1">
            <h2 className="font-semibold text-base">{t(`place.${place}`)}</h2>
            <p className="max-w-2xl text-pretty text-muted-foreground">{t(`lead.${place}`)}</p>
          </div>
          {may && actions && <div className="shrink-0">{actions}</div>}
        </header>
        {may ? children : <Notice>{t(`frame:locked.${needs as "admin"}`)}</Notice>}
      </section>
    </SettingsPage>
  );
}

type Pages<Item> = { items: Item[]; next: string | null };

const LOOK_MS = 2_000;

/**
 * A list that comes in pages, drawn by `children`. `empty`: what stands there when nothing does; `moves`: something in
 * it is under way, so it is looked at again soon.
 */
export function Listed<Item>({
  of,
  read,
  empty,
  moves,
  children,
}: {
  of: QueryKey;
  moves?: (item: Item) => boolean;
  read: (query: { limit: number; after?: string }, signal: AbortSignal) => Promise<Pages<Item>>;
  empty: ReactNode;
  children: (items: Item[]) => ReactNode;
}) {
  const list = useInfiniteQuery({
    queryKey: of,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      read({ limit: 50, ...(pageParam ? { after: pageParam } : {}) }, signal),
    getNextPageParam: (page: Pages<Item>) => page.next ?? undefined,
    refetchInterval: ({ state }) =>
      moves && state.data?.pages.some((page) => page.items.some(moves)) ? LOOK_MS : false,
  });
  if (list.isPending) return <Loading />;
  if (list.isError) return <ProblemNotice error={list.error} retry={() => list.refetch()} />;
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return empty;
  return (
    <div className="space-y-3">
      {children(items)}
      <More of={list} />
    </div>
  );
}

/** An act on the server, after which lists are read anew. `done`: what is said then; `shown`: the form says what failed. */
export function useDo<Given, Made>(
  does: (given: Given) => Promise<Made>,
  {
    anew,
    done,
    shown,
    onDone,
  }: { anew?: QueryKey; done?: string; shown?: boolean; onDone?: (made: Made) => void },
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: does,
    meta: { shown: shown ?? false },
    onSuccess(made: Made) {
      if (done) toast.done(done);
      onDone?.(made);
    },
    onSettled: () => anew && client.invalidateQueries({ queryKey: anew }),
  });
}

export function RoleSelect({
  value,
  onChange,
  ...rest
}: {
  value: Role;
  onChange: (role: Role) => void;
  id?: string;
  disabled?: boolean;
  "aria-label"?: string;
}) {
  const { t } = useTranslation("frame");
  return (
    <Select {...rest} value={value} onChange={(event) => onChange(event.target.value as Role)}>
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {t(`role.${role}`)}
        </option>
      ))}
    </Select>
  );
}

/** A secret that is shown this once. */
export function Once({
  title,
  text,
  children,
  onClose,
}: {
  title: string;
  text: string;
  children?: ReactNode;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  return (
    <Dialog open onOpenChange={onClose} title={title} description={t("once")}>
      <div className="space-y-3">
        <Copyable text={text} label={t("copy")} />
        {children}
      </div>
    </Dialog>
  );
}

/** JSON in a text field: what is typed, and what it is, or why it is none. */
export function readJson(text: string): { value: Record<string, unknown> } | { why: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return { why: i18next.t("settings:json.object") };
    return { value: value as Record<string, unknown> };
  } catch (error) {
    // What browsers say of it is English; where it is they all say, unless the text ends too early.
    const at = /line (\d+) column (\d+)/.exec(String(error));
    return {
      why: at
        ? i18next.t("settings:json.at", { line: at[1], column: at[2] })
        : i18next.t("settings:json.ends"),
    };
  }
}

export function JsonField({ className, ...rest }: React.ComponentProps<"textarea">) {
  return (
    <Textarea
      spellCheck={false}
      rows={8}
      className={`min-h-40 font-mono text-xs ${className ?? ""}`}
      {...rest}
    />
  );
}
