import { Command, defaultFilter } from "cmdk";
import { Plus } from "lucide-react";
import { Popover } from "radix-ui";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "../../studio/layout";
import type { Action } from "../../studio/outcomes";
import { Button } from "../../ui/button";

/** What most flows are made of: it comes first, and the rest as the server names it. */
const FIRST = ["send", "menu", "collect", "branch", "wait", "handoff"];
const FAR = 6; // pixels: less is a click

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  actions: Action[];
  onPick: (action: Action) => void;
  /** Where on the screen it opens; undefined: at its button. */
  at?: Point | undefined;
  /** Where the focus goes when it closes; undefined: to its button. */
  home?: (() => void) | undefined;
  /** A kind of step is carried over the canvas, and let go there. */
  onCarry?: (over: Point | undefined) => void;
  onDrop?: (action: Action, at: Point) => void;
};

/** Every kind of step there is, to be found by name or by what it does, and to be dragged where it shall stand. */
export function Palette({ open, onOpenChange, actions, onPick, at, home, onCarry, onDrop }: Props) {
  const { t } = useTranslation("studio");
  const trigger = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<{ action: Action; from: Point }>();
  const carried = useCarried(held, onCarry, (action, point) => {
    setHeld(undefined);
    if (point) onDrop?.(action, point);
  });
  const carrying = carried !== undefined;
  const close = useEffectEvent(() => onOpenChange(false));
  useEffect(() => {
    if (carrying) close();
  }, [carrying]);
  const listed = useMemo(() => {
    const rank = ({ name }: Action) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
    return [...actions].sort((one, other) => rank(one) - rank(other));
  }, [actions]);
  const anchor = useMemo(
    () => ({ current: { getBoundingClientRect: () => new DOMRect(at?.x ?? 0, at?.y ?? 0, 0, 0) } }),
    [at],
  );
  return (
    <Popover.Root open={open} onOpenChange={onOpenChange}>
      {at && <Popover.Anchor virtualRef={anchor} />}
      <Popover.Trigger asChild>
        <Button ref={trigger} size="sm" variant="primary">
          <Plus />
          {t("palette.add")}
        </Button>
      </Popover.Trigger>
      {carried && held && (
        <p
          aria-hidden
          className="pointer-events-none fixed z-50 rounded-md border border-primary bg-popover px-3 py-1.5 font-medium text-[13px] shadow-lg"
          style={{ left: carried.x + 10, top: carried.y + 10 }}
        >
          {held.action.title}
        </p>
      )}
      <Popover.Portal>
        <Popover.Content
          aria-label={t("palette.add")}
          align="start"
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // What was added may have come into sight elsewhere: it stays there.
            if (home) home();
            else trigger.current?.focus({ preventScroll: true });
          }}
          className="z-50 w-80 rounded-lg border bg-popover text-popover-foreground shadow-lg"
        >
          <Command label={t("palette.add")} filter={titleFirst}>
            <Command.Input
              autoFocus
              placeholder={t("palette.find")}
              // What fits best stands first: the list would stay where it was scrolled to.
              onValueChange={() => requestAnimationFrame(() => list.current?.scrollTo({ top: 0 }))}
              className="w-full border-b bg-transparent px-3 py-2 text-sm outline-none"
            />
            <Command.List
              label={t("palette.find")}
              ref={list}
              className="[overflow-anchor:none] max-h-[min(26rem,calc(var(--radix-popover-content-available-height)-5rem))] overflow-y-auto p-1"
            >
              <Command.Empty className="px-3 py-4 text-muted-foreground text-sm">
                {t("palette.none")}
              </Command.Empty>
              {listed.map((action) => (
                <Command.Item
                  key={action.name}
                  value={action.name}
                  keywords={[action.title, action.description]}
                  onSelect={() => {
                    onOpenChange(false);
                    onPick(action);
                  }}
                  onPointerDown={(event) => {
                    if (onDrop && event.pointerType !== "touch")
                      setHeld({ action, from: { x: event.clientX, y: event.clientY } });
                  }}
                  className="cursor-default select-none rounded-md px-2 py-1.5 data-[selected=true]:bg-accent"
                >
                  <span className="block font-medium text-[13px]">{action.title}</span>
                  <span className="line-clamp-2 text-muted-foreground text-xs">
                    {action.description.split("\n", 1)[0]?.replaceAll("`", "")}
                  </span>
                </Command.Item>
              ))}
            </Command.List>
            {onDrop && (
              <p className="border-t px-3 py-1.5 text-muted-foreground text-xs max-lg:hidden">
                {t("palette.drag")}
              </p>
            )}
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Where what is held is just now, from the moment that it has left its place. */
function useCarried(
  held: { action: Action; from: Point } | undefined,
  onCarry: ((over: Point | undefined) => void) | undefined,
  onEnd: (action: Action, at: Point | undefined) => void,
): Point | undefined {
  const [carried, setCarried] = useState<Point>();
  const away = useRef(false);
  const over = useEffectEvent((point: Point | undefined) => {
    setCarried(point);
    onCarry?.(point);
  });
  const ended = useEffectEvent((action: Action, at: Point | undefined) => onEnd(action, at));
  useEffect(() => {
    if (!held) return;
    away.current = false;
    const move = (event: PointerEvent) => {
      const point = { x: event.clientX, y: event.clientY };
      away.current ||= Math.hypot(point.x - held.from.x, point.y - held.from.y) > FAR;
      if (away.current) over(point);
    };
    const end = (at: Point | undefined) => {
      over(undefined);
      ended(held.action, away.current ? at : undefined);
    };
    const up = (event: PointerEvent) => end({ x: event.clientX, y: event.clientY });
    const cancel = () => end(undefined);
    const key = (event: KeyboardEvent) => event.key === "Escape" && end(undefined);
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
    window.addEventListener("pointercancel", cancel);
    window.addEventListener("keydown", key);
    return () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      window.removeEventListener("pointercancel", cancel);
      window.removeEventListener("keydown", key);
    };
  }, [held]);
  return carried;
}

/** How well an action fits: one whose title begins like that, before those whose descriptions have it. */
function titleFirst(name: string, typed: string, words: string[] = []): number {
  if (words[0]?.toLowerCase().startsWith(typed.toLowerCase())) return 1;
  return defaultFilter(name, typed, words) * 0.99;
}
