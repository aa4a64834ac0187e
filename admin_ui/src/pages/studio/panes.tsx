/** How wide the studio's panes are, and which are shown: a person's choice, kept in this browser. */
import { type PointerEvent, useCallback, useRef, useState } from "react";
import { shelf } from "../../shelf";
import { cn } from "../../ui/cn";

/** In pixels; `text`: how much of the height beside the canvas is the text's, in percent. */
export type Panes = { left: number; right: number; text: number; noLeft: boolean; noRight: boolean };
type Size = "left" | "right" | "text";

const SHELF = "chatloom.studio.panes";
/** On a small screen they leave the canvas more. */
const USUAL: Panes = {
  ...(window.innerWidth < 1280 ? { left: 192, right: 336 } : { left: 224, right: 352 }),
  text: 50,
  noLeft: false,
  noRight: false,
};
const LEAST = { left: 160, right: 280, text: 15 };
const MOST = { left: 480, right: 720, text: 85 };
const STEP = { left: 16, right: 16, text: 5 };

export function usePanes(): [Panes, (more: Partial<Panes>) => void] {
  const [panes, setPanes] = useState(kept);
  const change = useCallback(
    (more: Partial<Panes>) =>
      setPanes((before) => {
        const next = { ...before, ...more };
        keep(next);
        return next;
      }),
    [],
  );
  return [panes, change];
}

/** The edge of a pane: it is dragged, or moved by arrow keys; a double click gives back the usual size. */
export function Edge({
  of,
  label,
  panes,
  onChange,
}: {
  of: Size;
  label: string;
  panes: Panes;
  onChange: (more: Partial<Panes>) => void;
}) {
  const from = useRef<{ at: number; size: number; scale: number }>(undefined);
  const flat = of === "text";
  const away = of === "left" ? 1 : -1; // which way makes it larger
  const put = (size: number) => onChange({ [of]: Math.round(Math.min(MOST[of], Math.max(LEAST[of], size))) });
  const down = (event: PointerEvent<HTMLDivElement>) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    const whole = event.currentTarget.closest("section")?.clientHeight ?? 1;
    from.current = {
      at: flat ? event.clientY : event.clientX,
      size: panes[of],
      scale: flat ? 100 / whole : 1,
    };
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a ruler that can be moved is a separator with a value
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={flat ? "horizontal" : "vertical"}
      aria-valuenow={panes[of]}
      aria-valuemin={LEAST[of]}
      aria-valuemax={MOST[of]}
      className={cn(
        "absolute z-10 touch-none hover:bg-primary/30 focus-visible:bg-primary/40 active:bg-primary/40",
        of === "left" && "inset-y-0 -left-1 w-2 cursor-col-resize",
        of === "right" && "inset-y-0 -right-1 w-2 cursor-col-resize",
        flat && "inset-x-0 -top-1 h-2 cursor-row-resize",
      )}
      onPointerDown={down}
      onPointerMove={(event) => {
        const began = from.current;
        if (began) put(began.size + away * ((flat ? event.clientY : event.clientX) - began.at) * began.scale);
      }}
      onPointerUp={() => {
        from.current = undefined;
      }}
      onPointerCancel={() => {
        from.current = undefined;
      }}
      onDoubleClick={() => onChange({ [of]: USUAL[of] })}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        put(panes[of] + away * by * STEP[of]);
      }}
    />
  );
}

function kept(): Panes {
  try {
    const read = JSON.parse(shelf.get(SHELF) ?? "{}") as Partial<Panes>;
    return { ...USUAL, ...read };
  } catch {
    return USUAL; // what cannot be read is none
  }
}

/** Only what was changed: another screen has its own usual. */
function keep(panes: Panes): void {
  const own = Object.entries(panes).filter(([name, is]) => is !== USUAL[name as keyof Panes]);
  shelf.put(SHELF, JSON.stringify(Object.fromEntries(own)));
}
