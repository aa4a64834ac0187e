import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  MiniMap,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useNodesState,
  useReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { Sparkles } from "lucide-react";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Acts } from "../../studio/acts";
import type { Flow, Step } from "../../studio/flow-text";
import { CARD, placed, waysOf } from "../../studio/layout";
import { type Action, glimpse, outcomesOf, QUIET } from "../../studio/outcomes";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { faultsOf } from "./faults";
import { Palette } from "./palette";

const NEXT = "→"; // the handle of a step without outcomes of its own: no outcome is called so
const HEAD = 34;
const LINE = 17;
const ROW = 26;
const MOST_LINES = 4;
const A_LINE = 36; // characters

type Card = {
  step: Step;
  title: string;
  words: string;
  outcomes: string[];
  chosen: boolean;
  here: boolean;
  ends: boolean;
  fault: "error" | "warning" | undefined;
};
type CardNode = Node<Card, "step">;

type Props = {
  flow: Flow;
  files: Readonly<Record<string, string>>;
  actions: Map<string, Action>;
  diagnostics: Schemas["DiagnosticOut"][];
  moved: Record<string, [number, number]>;
  language: string;
  chosen: string | undefined;
  /** The step at which the simulator waits. */
  here: string | undefined;
  acts: Acts;
  editable: boolean;
  onChoose: (step: string | undefined) => void;
  onOpen: () => void;
};

export function Canvas(props: Props) {
  return (
    <ReactFlowProvider>
      <Drawn {...props} />
    </ReactFlowProvider>
  );
}

function Drawn({
  flow,
  files,
  actions,
  diagnostics,
  moved,
  language,
  chosen,
  here,
  acts,
  editable,
  onChoose,
  onOpen,
}: Props) {
  const { t } = useTranslation("studio");
  const view = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  const [picks, setPicks] = useState(false);
  const cards = useMemo(() => {
    const faults = faultsOf(flow, diagnostics);
    return new Map(
      flow.steps.map((step): [string, Card] => {
        const action = actions.get(step.action);
        const shown = outcomesOf(step, action, files).filter(
          (outcome) => !QUIET.includes(outcome) || outcome in step.then,
        );
        return [
          step.id,
          {
            step,
            title: action?.title ?? step.action,
            words: glimpse(step, language),
            outcomes: shown,
            chosen: false,
            here: step.id === here,
            ends: action?.outcomes.ends ?? step.action === "stop",
            fault: faults.get(step.id),
          },
        ];
      }),
    );
  }, [flow, files, actions, diagnostics, language, here]);
  const ways = useMemo(
    () =>
      waysOf(flow, (step) => {
        const action = actions.get(step.action);
        return {
          ends: action?.outcomes.ends ?? step.action === "stop",
          // What no outcome names goes on to the next step, from the outcomes that are not named themselves.
          open: cards.get(step.id)?.outcomes.filter((outcome) => !(outcome in step.then)) ?? [],
          none: (cards.get(step.id)?.outcomes.length ?? 0) === 0,
        };
      }),
    [flow, actions, cards],
  );
  const made = useMemo(() => {
    const points = placed(flow, ways, (step) => height(cards.get(step.id)), moved);
    return flow.steps.map(
      (step): CardNode => ({
        id: step.id,
        type: "step",
        position: points.get(step.id) ?? { x: 0, y: 0 },
        width: CARD.width,
        data: { ...(cards.get(step.id) as Card), chosen: step.id === chosen },
        selected: step.id === chosen,
        ariaLabel: step.id,
      }),
    );
  }, [flow, ways, cards, moved, chosen]);
  const [nodes, setNodes, onNodesChange] = useNodesState(made);
  useEffect(() => setNodes(made), [made, setNodes]);
  const edges = useMemo(
    () =>
      ways.map((way): Edge => {
        return {
          id: `${way.from}:${way.outcome}:${way.to}`,
          source: way.from,
          target: way.to,
          sourceHandle: way.outcome === "" ? NEXT : way.outcome,
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
          focusable: false,
          className: cn(way.from === chosen || way.to === chosen ? "studio-edge-near" : ""),
        };
      }),
    [ways, chosen],
  );

  const look = useCallback(
    (id: string) => {
      const node = view.getNode(id);
      if (!node) return;
      const { x, y, zoom } = view.getViewport();
      const pane = box.current?.getBoundingClientRect();
      const left = node.position.x * zoom + x;
      const top = node.position.y * zoom + y;
      if (
        pane &&
        left >= 0 &&
        top >= 0 &&
        left + CARD.width * zoom <= pane.width &&
        top + 80 * zoom <= pane.height
      )
        return;
      void view.setCenter(node.position.x + CARD.width / 2, node.position.y + 80, { zoom, duration: 150 });
    },
    [view],
  );
  useEffect(() => {
    if (chosen !== undefined) look(chosen);
  }, [chosen, look]);

  const walk = (forward: boolean) => {
    if (chosen === undefined) return onChoose(flow.steps[0]?.id);
    const way = ways.find((each) => (forward ? each.from : each.to) === chosen);
    const place = flow.steps.findIndex((step) => step.id === chosen) + (forward ? 1 : -1);
    const next = way ? (forward ? way.to : way.from) : flow.steps[place]?.id;
    if (next !== undefined) onChoose(next);
  };
  const press = (event: React.KeyboardEvent) => {
    if (event.target !== box.current) return;
    const keys = new Map<string, () => unknown>([
      ["ArrowDown", () => walk(true)],
      ["ArrowRight", () => walk(true)],
      ["ArrowUp", () => walk(false)],
      ["ArrowLeft", () => walk(false)],
      ["Enter", onOpen],
      ["Escape", () => onChoose(undefined)],
      ["/", () => editable && setPicks(true)],
      ["Delete", () => editable && chosen !== undefined && remove(chosen)],
      ["Backspace", () => editable && chosen !== undefined && remove(chosen)],
    ]);
    const act = keys.get(event.key);
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const remove = (id: string) => {
    const place = flow.steps.findIndex((step) => step.id === id);
    if (acts.remove(id)) onChoose(flow.steps[place + 1]?.id ?? flow.steps[place - 1]?.id);
  };
  return (
    <div
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the canvas is one tab stop with keys of its own
      tabIndex={0}
      role="application"
      aria-label={t("canvas.label", { flow: flow.id })}
      aria-describedby="canvas-keys"
      className="studio-canvas relative min-h-0 flex-1 outline-none focus-visible:outline-2 focus-visible:outline-ring focus-visible:-outline-offset-2"
      onKeyDown={press}
      onCopy={(event) => {
        if (event.target !== box.current || chosen === undefined) return;
        event.preventDefault();
        event.clipboardData.setData("text/plain", acts.copied(chosen));
      }}
      onPaste={(event) => {
        if (!editable || event.target !== box.current) return;
        const last = acts.paste(event.clipboardData.getData("text/plain"), chosen);
        if (last !== undefined) onChoose(last);
      }}
    >
      <p id="canvas-keys" className="sr-only">
        {t("canvas.keys")}
      </p>
      <p aria-live="polite" className="sr-only">
        {chosen !== undefined && cards.has(chosen)
          ? t("canvas.chosen", {
              step: chosen,
              action: cards.get(chosen)?.title,
              words: cards.get(chosen)?.words,
            })
          : ""}
      </p>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        onNodesChange={onNodesChange}
        onNodeClick={(_, node) => {
          onChoose(node.id);
          box.current?.focus({ preventScroll: true });
        }}
        onNodeDoubleClick={onOpen}
        onPaneClick={() => onChoose(undefined)}
        onNodeDragStop={(_, node) =>
          acts.moved(flow.id, { [node.id]: [Math.round(node.position.x), Math.round(node.position.y)] })
        }
        onConnect={({ source, sourceHandle, target }) =>
          acts.connect(source, sourceHandle === NEXT || sourceHandle === null ? "" : sourceHandle, target)
        }
        nodesDraggable={editable}
        nodesConnectable={editable}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        onlyRenderVisibleElements={flow.steps.length > 60}
        defaultViewport={{ x: 32, y: 60, zoom: 1 }}
        minZoom={0.2}
        maxZoom={1.5}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} color="var(--border)" />
        <Controls showInteractive={false} position="bottom-left" />
        {flow.steps.length > 8 && (
          <MiniMap position="bottom-right" pannable className="max-sm:hidden" ariaLabel={t("canvas.map")} />
        )}
      </ReactFlow>
      {editable && (
        <div className="absolute top-2 left-2 flex gap-2">
          <Palette
            open={picks}
            onOpenChange={setPicks}
            actions={[...actions.values()]}
            onPick={(action) => {
              const id = acts.add(action, chosen);
              if (id !== undefined) onChoose(id);
            }}
          />
          {Object.keys(moved).length > 0 && (
            <Button size="sm" onClick={() => acts.moved(flow.id, undefined)}>
              <Sparkles />
              {t("canvas.tidy")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

const StepCard = memo(function StepCard({ data }: NodeProps<CardNode>) {
  const { step } = data;
  return (
    <div
      className={cn(
        "rounded-lg border bg-card text-card-foreground text-xs shadow-xs",
        data.chosen && "border-primary ring-2 ring-primary/40",
        data.here && "ring-2 ring-success",
        data.fault === "error" && "border-destructive",
        data.fault === "warning" && !data.chosen && "border-warning",
        step.disabled && "opacity-50",
      )}
    >
      <Handle type="target" position={Position.Left} />
      <p className="flex h-[34px] items-center gap-2 border-b px-3">
        <span className="min-w-0 flex-1 truncate font-medium">{step.id}</span>
        <span className="shrink-0 text-muted-foreground">{data.title}</span>
      </p>
      {data.words !== "" && (
        <p className="line-clamp-4 whitespace-pre-wrap break-words px-3 py-2 leading-[17px]">{data.words}</p>
      )}
      {data.outcomes.length > 0 && (
        <ul className="border-t">
          {data.outcomes.map((outcome) => (
            <li key={outcome} className="relative flex h-[26px] items-center px-3 text-muted-foreground">
              <span className="truncate">{outcome}</span>
              {step.then[outcome] === "stop" && <span className="ml-auto">■</span>}
              <Handle type="source" id={outcome} position={Position.Right} />
            </li>
          ))}
        </ul>
      )}
      {data.outcomes.length === 0 && !data.ends && (
        <Handle type="source" id={NEXT} position={Position.Bottom} />
      )}
    </div>
  );
});

const TYPES = { step: StepCard };

function height(card: Card | undefined): number {
  if (!card) return HEAD;
  const lines = card.words
    .split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / A_LINE)), 0);
  const words = card.words === "" ? 0 : Math.min(lines, MOST_LINES) * LINE + 16;
  return HEAD + words + card.outcomes.length * ROW + 4;
}
