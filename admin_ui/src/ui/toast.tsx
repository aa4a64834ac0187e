/** Short words about what was just done, with a way back where there is one. Not for what a field can say. */
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";

type Said = {
  id: number;
  kind: "done" | "problem";
  title: string;
  detail?: string;
  undo?: () => void;
  /** Where it tells of, each a way there. */
  places?: Spot[];
};
export type Spot = { label: string; go: () => void };

const DONE_MS = 5_000;
const LONG_MS = 12_000;
const MOST = 4;
let shown: Said[] = [];
let last = 0;
const listeners = new Set<() => void>();

function show(next: Said[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

function say(said: Omit<Said, "id">): void {
  last += 1;
  show(
    [
      ...shown.filter((each) => each.title !== said.title || each.detail !== said.detail),
      { ...said, id: last },
    ].slice(-MOST),
  );
}

export const toast = {
  /** `undo`: what takes it back. `places`: which `detail` tells of; it stays until it is closed. */
  done(title: string, undo?: () => void, told?: { detail: string; places: Spot[] }): void {
    say({ kind: "done", title, ...(undo && { undo }), ...told });
  },
  problem({ title, detail }: { title: string; detail: string }): void {
    say({ kind: "problem", title, detail });
  },
};

export function Toasts() {
  const { t } = useTranslation("frame");
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  const drop = (id: number) => show(shown.filter((each) => each.id !== id));
  return (
    <Radix.Provider label={t("toast.label")} swipeDirection="right">
      {all.map(({ id, kind, title, detail, undo, places }) => (
        <Radix.Root
          key={id}
          type={kind === "problem" ? "foreground" : "background"}
          duration={places ? Number.POSITIVE_INFINITY : kind === "problem" || undo ? LONG_MS : DONE_MS}
          onOpenChange={(open) => !open && drop(id)}
          className="flex items-start gap-2.5 rounded-lg border bg-popover p-3 text-popover-foreground shadow-lg data-[state=open]:animate-in data-[state=open]:fade-in data-[state=open]:slide-in-from-bottom-2"
        >
          {kind === "problem" ? (
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-destructive" />
          ) : (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
          )}
          <div className="min-w-0 flex-1 break-words">
            <Radix.Title className="font-medium">{title}</Radix.Title>
            {detail && <Radix.Description className="text-muted-foreground">{detail}</Radix.Description>}
            {places && (
              <ul className="mt-1 flex max-h-32 flex-wrap gap-x-1 overflow-y-auto">
                {places.map(({ label, go }) => (
                  <li key={label}>
                    <button
                      type="button"
                      className="break-all rounded px-1 text-left text-primary hover:bg-accent hover:underline"
                      onClick={go}
                    >
                      {label}
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </div>
          {undo && (
            <Radix.Action asChild altText={t("action.undo")}>
              <Button size="sm" onClick={undo}>
                {t("action.undo")}
              </Button>
            </Radix.Action>
          )}
          <Radix.Close asChild>
            <Button variant="ghost" size="icon-sm" aria-label={t("action.close")} className="-m-1">
              <X />
            </Button>
          </Radix.Close>
        </Radix.Root>
      ))}
      {/* Where nothing is sent or saved: under the bar of a phone, else at the left of the page's foot. */}
      <Radix.Viewport
        label={t("toast.place")}
        className="fixed z-100 flex w-full max-w-sm flex-col gap-2 p-4 outline-none max-sm:top-10 max-sm:left-0 sm:bottom-0 sm:left-12"
      />
    </Radix.Provider>
  );
}
