import { type ComponentProps, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "./cn";
import { Input, Textarea } from "./input";

export type Offer = { label: string; detail: string; says: string; insert: string };
/** What can stand behind `before`; an offer takes the place of its end, `part`. */
export type Ask = (before: string, signal: AbortSignal) => Promise<{ part: string; items: Offer[] }>;

const SOON_MS = 150;

type Props = {
  value: string;
  onValue: (value: string) => void;
  /** undefined: it is a plain field. */
  ask: Ask | undefined;
  /** Whether it is worth asking behind this; Ctrl and Space asks anyway. */
  when: RegExp;
  long?: boolean;
} & Omit<ComponentProps<"input"> & ComponentProps<"textarea">, "value" | "onChange" | "ref">;

/** A field that says what can be written where the cursor stands. */
export function Completed({ value, onValue, ask, when, long, onBlur, onKeyDown, ...rest }: Props) {
  const { t } = useTranslation("frame");
  const list = useId();
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const [open, setOpen] = useState<{ part: string; items: Offer[]; at: number }>();
  const [chosen, setChosen] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef<AbortController>(undefined);
  const cursor = useRef<number>(undefined); // where it belongs once the value is there
  const close = () => {
    clearTimeout(timer.current);
    asked.current?.abort();
    setOpen(undefined);
  };
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      asked.current?.abort();
    },
    [],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is set when the value has come
  useLayoutEffect(() => {
    if (cursor.current === undefined) return;
    field.current?.setSelectionRange(cursor.current, cursor.current);
    cursor.current = undefined;
  }, [value]);

  const look = (now: string, at: number, wait: number) => {
    clearTimeout(timer.current);
    asked.current?.abort();
    if (!ask) return;
    const stop = new AbortController();
    asked.current = stop;
    timer.current = setTimeout(async () => {
      const { part, items } = await ask(now.slice(0, at), stop.signal);
      if (stop.signal.aborted) return;
      const news = items.filter((one) => one.insert !== part || items.length > 1);
      setOpen(news.length === 0 ? undefined : { part, items: news, at });
      setChosen(0);
    }, wait);
  };
  const take = (offer: Offer | undefined) => {
    if (!open || !offer) return;
    const from = open.at - open.part.length;
    cursor.current = from + offer.insert.length;
    onValue(value.slice(0, from) + offer.insert + value.slice(open.at));
    close();
  };
  const Field = long ? Textarea : Input;
  return (
    <div className="relative min-w-0 flex-1">
      <Field
        {...rest}
        ref={field}
        value={value}
        autoComplete="off"
        {...(ask ? { "aria-autocomplete": "list" as const, "aria-haspopup": "listbox" as const } : {})}
        {...(open ? { "aria-controls": list, "aria-activedescendant": `${list}-${chosen}` } : {})}
        onChange={(event: { target: HTMLInputElement | HTMLTextAreaElement }) => {
          const { value: typed, selectionStart } = event.target;
          const at = selectionStart ?? typed.length;
          onValue(typed);
          if (when.test(typed.slice(0, at))) look(typed, at, SOON_MS);
          else close();
        }}
        onBlur={(event: never) => {
          close();
          onBlur?.(event);
        }}
        onKeyDown={(event) => {
          if (event.key === " " && (event.ctrlKey || event.metaKey) && ask) {
            event.preventDefault();
            look(value, event.currentTarget.selectionStart ?? value.length, 0);
          } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
            event.preventDefault();
            const step = event.key === "ArrowDown" ? 1 : -1;
            setChosen((chosen + step + open.items.length) % open.items.length);
          } else if (open && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
            event.preventDefault();
            take(open.items[chosen]);
          } else if (open && event.key === "Escape") {
            event.preventDefault();
            close();
          } else if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") close();
          onKeyDown?.(event as never);
        }}
      />
      {open && (
        <div
          id={list}
          role="listbox"
          aria-label={t("offers")}
          className="absolute top-full right-0 left-0 z-30 mt-1 max-h-56 overflow-y-auto rounded-md border bg-popover p-1 text-popover-foreground text-xs shadow-lg"
        >
          {open.items.map((offer, place) => (
            <Row
              key={offer.label}
              id={`${list}-${place}`}
              offer={offer}
              chosen={place === chosen}
              onTake={() => take(offer)}
            />
          ))}
        </div>
      )}
    </div>
  );
}

function Row({
  id,
  offer,
  chosen,
  onTake,
}: {
  id: string;
  offer: Offer;
  chosen: boolean;
  onTake: () => void;
}) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field has the keys and the focus
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={chosen}
      className={cn("cursor-pointer rounded-sm px-2 py-1 hover:bg-muted", chosen && "bg-accent")}
      onPointerDown={(event) => event.preventDefault()}
      onClick={onTake}
    >
      <span className="flex justify-between gap-3">
        <span className="truncate font-mono">{offer.label}</span>
        <span className="truncate text-muted-foreground">{offer.detail}</span>
      </span>
      {chosen && offer.says && <span className="block text-muted-foreground">{offer.says}</span>}
    </div>
  );
}
