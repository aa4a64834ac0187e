import { Handle, type Node, type NodeHandle, type NodeProps, Position } from "@xyflow/react";
import { ChevronDown, ChevronRight, CornerDownRight } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Change } from "../../studio/compared";
import type { Step } from "../../studio/flow-text";
import { CARD } from "../../studio/layout";
import { Badge } from "../../ui/badge";
import { cn } from "../../ui/cn";
import { type Beside, Initials } from "./others";
import type { Reached } from "./test-run";

/** The handle of what no outcome names: no outcome is called so. */
export const NEXT = "→";
/** The handle of what the steps in a folded card lead to. */
export const FOLD = "…";
/** Where a way comes in. */
export const ASIDE = "aside";
export const ABOVE = "above";
const HEAD = 34;
const LINE = 17;
const ROW = 26;
const MOST_LINES = 4;
const A_LINE = 36; // characters
const DOT = 10;
const PILL = 44; // from a card's left to the middle of what says how many are folded

export type Card = {
  step: Step;
  title: string;
  words: string;
  outcomes: { name: string; words: string }[];
  /** Who else is at it. */
  beside: readonly Beside[];
  /** What the last run of the tests reached of it; undefined: that is not shown. */
  reached: Reached | undefined;
  /** What became of it since another state of the flow. */
  change: Change | undefined;
  /** A text of it lacks the language that is shown, or has changed since. */
  gap: "missing" | "stale" | undefined;
  /** It has a way on that no outcome names. */
  through: boolean;
  /** The simulator waits here. */
  here: boolean;
  fault: "error" | "warning" | undefined;
  /** Steps are reached through it alone, which can be folded into it. */
  folds: boolean;
  /** How many of them are. */
  folded: number;
};
export type CardNode = Node<Card, "step">;

const StepCard = memo(function StepCard({ data, selected }: NodeProps<CardNode>) {
  const { t } = useTranslation("studio");
  const { step } = data;
  return (
    <div
      data-title={data.folded > 0 ? `${step.id} +${data.folded}` : step.id}
      className={cn(
        "studio-card relative rounded-lg border bg-card text-card-foreground text-xs shadow-xs",
        data.reached && (data.reached.step ? "border-success" : "border-warning border-dashed"),
        data.change === "added" && "border-success",
        data.change === "changed" && "border-warning",
        data.change === "removed" && "border-destructive border-dashed opacity-70",
        data.fault === "error" && "border-destructive",
        data.fault === "warning" && "border-warning",
        selected && "border-primary ring-2 ring-primary/40",
        data.here && "ring-2 ring-success",
        step.disabled && "opacity-50",
        data.folded > 0 && "studio-pile",
      )}
    >
      <Handle type="target" id={ASIDE} position={Position.Left} className="studio-in" />
      <Handle type="target" id={ABOVE} position={Position.Top} />
      <p className="flex h-[34px] items-center gap-2 border-b px-3">
        <span className="min-w-0 flex-1 truncate font-medium">{step.id}</span>
        {data.beside.map((one) => (
          <span key={one.tab} title={one.name} className="shrink-0">
            <Initials name={one.name} edits={one.edits} />
            <span className="sr-only">{one.name}</span>
          </span>
        ))}
        {data.reached?.step === false && <Badge tone="warning">{t("tests.not_reached")}</Badge>}
        {data.change && (
          <Badge tone={data.change === "added" ? "good" : data.change === "removed" ? "bad" : "warning"}>
            {t(`view.change.${data.change}`)}
          </Badge>
        )}
        {data.gap && <Badge tone="warning">{t(`view.${data.gap}`)}</Badge>}
        <span className="shrink-0 text-muted-foreground">{data.title}</span>
        {selected && data.folds && (
          <button
            type="button"
            data-fold
            tabIndex={-1} // its key is "f"
            aria-expanded={data.folded === 0}
            aria-label={t("canvas.fold", { step: step.id })}
            title={t("canvas.fold_key")}
            className="nodrag -mr-1.5 shrink-0 rounded p-1 text-muted-foreground hover:bg-accent hover:text-foreground"
          >
            {data.folded > 0 ? <ChevronRight className="size-3.5" /> : <ChevronDown className="size-3.5" />}
          </button>
        )}
        {selected && (
          <button
            type="button"
            data-simulate
            tabIndex={-1} // the canvas is one tab stop: its key is "s"
            aria-label={t("begin.here_named", { step: step.id })}
            title={t("begin.here_key")}
            className="nodrag -mr-1.5 shrink-0 rounded p-1 text-muted-foreground hover:bg-accent hover:text-foreground"
          >
            <CornerDownRight className="size-3.5" />
          </button>
        )}
      </p>
      {data.words !== "" && (
        <div className="px-3 py-2">
          <p className="line-clamp-4 whitespace-pre-wrap break-words leading-[17px]">{data.words}</p>
        </div>
      )}
      {data.outcomes.length > 0 && (
        <ul className="border-t">
          {data.outcomes.map(({ name, words }) => (
            <li key={name} className="relative flex h-[26px] items-center gap-2 px-3 text-muted-foreground">
              <span className="max-w-[60%] shrink-0 truncate">{name}</span>
              {data.reached && (
                <span
                  role="img"
                  aria-label={t(data.reached.missed.has(name) ? "tests.not_left" : "tests.left")}
                  title={t(data.reached.missed.has(name) ? "tests.not_left" : "tests.left")}
                  className={data.reached.missed.has(name) ? "text-warning" : "text-success"}
                >
                  {data.reached.missed.has(name) ? "○" : "✓"}
                </span>
              )}
              <span className="min-w-0 flex-1 truncate text-right text-foreground">{words}</span>
              {step.then[name] === "stop" && <span>■</span>}
              <Handle type="source" id={name} position={Position.Right} />
            </li>
          ))}
        </ul>
      )}
      {data.through && <Handle type="source" id={NEXT} position={Position.Bottom} />}
      {data.folded > 0 && (
        <>
          <Handle
            type="source"
            id={FOLD}
            position={Position.Bottom}
            isConnectable={false}
            style={{ left: PILL, opacity: 0 }}
          />
          <button
            type="button"
            data-fold
            tabIndex={-1}
            title={t("canvas.unfold_key")}
            style={{ left: PILL }}
            className="nodrag absolute bottom-0 -translate-x-1/2 translate-y-3/4 whitespace-nowrap rounded-full border bg-accent px-2 text-accent-foreground leading-5 hover:border-primary"
          >
            {t("canvas.more", { count: data.folded })}
          </button>
        </>
      )}
    </div>
  );
});

export const TYPES = { step: StepCard };

/**
 * Where its ways come in and go out, before it was drawn: else all cards of a flow would be drawn once to be measured,
 * also those that nobody sees.
 */
export function handles(card: Card): NodeHandle[] {
  const tall = height(card);
  const dot = (
    id: string,
    type: "source" | "target",
    position: Position,
    x: number,
    y: number,
  ): NodeHandle => ({
    ...{ id, type, position, x: x - DOT / 2, y: y - DOT / 2 },
    ...{ width: DOT, height: DOT },
  });
  const rows = tall - card.outcomes.length * ROW;
  return [
    dot(ASIDE, "target", Position.Left, 0, HEAD / 2),
    dot(ABOVE, "target", Position.Top, CARD.width / 2, 0),
    ...card.outcomes.map(({ name }, place) =>
      dot(name, "source", Position.Right, CARD.width, rows + (place + 0.5) * ROW),
    ),
    ...(card.through ? [dot(NEXT, "source", Position.Bottom, CARD.width / 2, tall)] : []),
    ...(card.folded > 0 ? [dot(FOLD, "source", Position.Bottom, PILL, tall)] : []),
  ];
}

/** Whether what was measured of one holds for the other. */
export function alike(one: Card, other: Card): boolean {
  const ways = (card: Card) =>
    [card.through, card.folded > 0, ...card.outcomes.map(({ name }) => name)].join("\n");
  return height(one) === height(other) && ways(one) === ways(other);
}

/** How tall it is drawn, in pixels. */
export function height(card: Card | undefined): number {
  if (!card) return HEAD;
  const lines = card.words
    .split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / A_LINE)), 0);
  const words = card.words === "" ? 0 : Math.min(lines, MOST_LINES) * LINE + 16;
  return HEAD + words + card.outcomes.length * ROW + 4;
}
