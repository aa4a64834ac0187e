import {
  applyNodeChanges,
  Background,
  type Connection,
  Controls,
  type FinalConnectionState,
  MiniMap,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  useStoreApi,
  useUpdateNodeInternals,
  type Viewport,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { ListTree, Sparkles } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Acts, Place } from "../../studio/acts";
import { fileOfFlow } from "../../studio/flow-files";
import type { Flow, Step } from "../../studio/flow-text";
import { seenWays, without } from "../../studio/folding";
import { CARD, type Point, placed, type Way, waysOf } from "../../studio/layout";
import { type Action, openOf } from "../../studio/outcomes";
import { Button } from "../../ui/button";
import { toast } from "../../ui/toast";
import { EDGES } from "./bent-edge";
import { heard, type Told, useCards } from "./cards";
import { Connect } from "./connect";
import { edgesOf, type LineEdge, linesOf, outcomeOf, sameEdge, wayId } from "./edges";
import { useFolds } from "./folds";
import { idOf, measured, nodesOf, sameNode, sameShape } from "./nodes";
import { Palette } from "./palette";
import { Selection } from "./selection";
import { useSteady } from "./steady";
import { type CardNode, FOLD, height, TYPES } from "./step-card";
import { unchanged, useUnchanged } from "./unchanged";
import { walked } from "./walk";

type Props = Told & {
  id?: string;
  /** What the browser calls the cards that are folded; undefined: none can be. */
  kept?: string;
  flow: Flow;
  files: Readonly<Record<string, string>>;
  moved: Record<string, [number, number]>;
  chosen: string | undefined;
  acts: Acts;
  editable: boolean;
  onChoose: (step: string | undefined) => void;
  onRemove: (ids: string[]) => void;
  onOpen: () => void;
  onSimulate: (step: string) => void;
};
/** What the palette is open for, and where on the screen. */
type Wanted = { place: Place; at?: Point };

export function Canvas(props: Props) {
  return (
    <ReactFlowProvider>
      <Drawn {...props} />
    </ReactFlowProvider>
  );
}

function Drawn({
  id = "flow-canvas",
  kept,
  flow,
  files,
  actions,
  diagnostics,
  moved,
  tongue,
  gaps,
  beside,
  reached,
  changes,
  chosen,
  here,
  acts,
  editable,
  onChoose,
  onRemove,
  onOpen,
  onSimulate,
}: Props) {
  const { t, i18n } = useTranslation("studio");
  const view = useReactFlow();
  const pane = useStoreApi();
  const sized = useStore(({ width }) => width > 0); // not as long as something else is shown in its place
  const box = useRef<HTMLDivElement>(null);
  const pointer = useRef<Point>(undefined);
  const [wanted, setWanted] = useState<Wanted>();
  const [connects, setConnects] = useState(false);
  const [under, setUnder] = useState<string>(); // the way over which something is carried
  const open = useCallback((step: Step) => openOf(step, actions.get(step.action), files), [actions, files]);
  const ways = useUnchanged(
    useMemo(() => waysOf(flow, open), [flow, open]),
    wayId,
    () => true,
  );
  const folds = useFolds(actions.size > 0 ? kept : undefined, flow, ways, chosen, onChoose);
  const { into, inside } = folds;
  const seen = useMemo(() => without(flow, into), [flow, into]);
  const lead = useMemo(() => seenWays(ways, into, FOLD), [ways, into]);
  const told = { actions, diagnostics, tongue, gaps, beside, reached, changes, here };
  const cards = useCards(flow, open, folds, told);
  const fresh = useMemo(() => {
    const points = placed(flow, ways, (step) => height(cards.get(step.id)), moved, into);
    return nodesOf(seen, cards, points, t);
  }, [flow, seen, ways, cards, moved, into, t]);
  const made = useUnchanged(fresh, idOf, sameNode);
  const shapes = useUnchanged(made, idOf, sameShape);
  const [nodes, setNodes] = useState(made);
  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) =>
      setNodes((before) => applyNodeChanges(changes, before).map((node) => measured(node, node))),
    [],
  );
  const measure = useUpdateNodeInternals();
  const pick = useCallback(
    (ids: string[]) =>
      setNodes((before) =>
        before.map((node) =>
          (node.selected ?? false) === ids.includes(node.id)
            ? node
            : { ...node, selected: ids.includes(node.id) },
        ),
      ),
    [],
  );
  // Several are selected only where the chosen one is among them.
  useEffect(
    () =>
      setNodes((before) => {
        const kept = new Set(before.filter((node) => node.selected).map((node) => node.id));
        const selected = chosen !== undefined && kept.has(chosen) ? kept : new Set([chosen]);
        const known = new Map(before.map((node) => [node.id, node]));
        const next = made.map((node) => ({
          ...measured(node, known.get(node.id)),
          selected: selected.has(node.id),
        }));
        return unchanged(before, next, idOf, sameNode);
      }),
    [made, chosen],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn may have changed with it
  useEffect(() => {
    const drawn = box.current?.querySelectorAll<HTMLElement>(".react-flow__node") ?? [];
    measure([...drawn].flatMap((each) => each.dataset.id ?? []));
  }, [shapes, measure]);
  const marked = nodes.filter((node) => node.selected).map((node) => node.id);
  const picked = marked.flatMap((id) => [id, ...(inside.get(id) ?? [])]); // a folded card stands for its steps
  const lines = useMemo(() => linesOf(lead, shapes), [lead, shapes]);
  const edges = useUnchanged(
    useMemo(() => edgesOf(lines, { chosen, under, editable }), [lines, chosen, under, editable]),
    idOf,
    sameEdge,
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: another language has other words
  const labels = useMemo(
    () => ({
      "controls.ariaLabel": t("canvas.zoom"),
      "controls.zoomIn.ariaLabel": t("canvas.nearer"),
      "controls.zoomOut.ariaLabel": t("canvas.farther"),
      "controls.fitView.ariaLabel": t("canvas.whole"),
      "node.a11yDescription.default": "", // keys of its own, which are not used here
      "edge.a11yDescription.default": "",
    }),
    [i18n.language],
  );
  const look = useCallback(
    (id: string) => {
      const node = view.getNode(id);
      if (!node || pane.getState().width === 0) return false;
      const { x, y, zoom } = view.getViewport();
      const { width, height } = pane.getState(); // as it was measured: to ask the page here would lay it out
      const left = node.position.x * zoom + x;
      const top = node.position.y * zoom + y;
      if (left >= 0 && top >= 0 && left + CARD.width * zoom <= width && top + 80 * zoom <= height)
        return true;
      void view.setCenter(node.position.x + CARD.width / 2, node.position.y + 80, {
        zoom,
        duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
      });
      return true;
    },
    [view, pane],
  );
  const sought = useRef<string>(undefined); // it was not on the canvas when it was chosen, or stood elsewhere
  useEffect(() => {
    if (chosen !== undefined && !look(chosen)) sought.current = chosen;
  }, [chosen, look]);
  // Cards find their places as the kinds of steps become known: until somebody touches the canvas, it goes along.
  const touched = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: where cards stand is read of the canvas
  useEffect(() => {
    if (chosen === undefined || (touched.current && sought.current !== chosen)) return;
    if (look(chosen)) sought.current = undefined;
  }, [nodes, chosen, look, sized]);

  const home = () => box.current?.focus({ preventScroll: true });
  const add = (action: Action, place: Place) => {
    const id = acts.add(action, place, open);
    if (id !== undefined) onChoose(id);
  };
  /** What is under a point of the screen: a way, a card or the empty canvas; undefined: something else. */
  const hit = ({ x, y }: Point): { way?: Way; card?: string } | undefined => {
    const stack = document.elementsFromPoint(x, y);
    const id = (kind: string) =>
      stack
        .find((each) => each.closest(kind))
        ?.closest(kind)
        ?.getAttribute("data-id") ?? undefined;
    const [card, edge] = [id(".react-flow__node"), id(".react-flow__edge")];
    if (card !== undefined) return { card };
    const way = ways.find((each) => wayId(each) === edge);
    if (way) return { way };
    return stack.some((each) => box.current?.contains(each)) ? {} : undefined;
  };
  const drop = (action: Action, at: Point) => {
    const found = hit(at);
    if (!found) return;
    if (found.card !== undefined) add(action, { after: found.card });
    else if (found.way) add(action, { way: found.way });
    else add(action, { at: view.screenToFlowPosition(at) });
    home();
  };
  /** A line that was let go beside the handles: on a card it leads there, on the canvas to a new step. */
  const letGo = useSteady((event: MouseEvent | TouchEvent, line: FinalConnectionState) => {
    if (line.isValid || line.fromHandle?.type !== "source" || !line.fromNode) return;
    const { clientX: x, clientY: y } = "changedTouches" in event ? (event.changedTouches[0] as Touch) : event;
    const found = hit({ x, y });
    const outcome = outcomeOf(line.fromHandle.id);
    if (found?.card !== undefined && found.card !== line.fromNode.id)
      acts.connect(line.fromNode.id, outcome, found.card);
    else if (found && found.card === undefined)
      setWanted({
        place: { from: { id: line.fromNode.id, outcome }, at: view.screenToFlowPosition({ x, y }) },
        at: { x, y },
      });
  });
  const walk = (dx: number, dy: number, more: boolean) => {
    if (chosen === undefined) return onChoose(flow.steps[0]?.id);
    const next = walked(chosen, { x: dx, y: dy }, seen, lead, (id) => view.getNode(id)?.position);
    if (next === undefined) return;
    if (more) pick([...marked, next]);
    onChoose(next);
  };
  /** A step is added on the way under the pointer, else behind the chosen one. */
  const insert = () => {
    const at = pointer.current;
    const way = at && hit(at)?.way;
    setWanted(way ? { place: { way }, at } : { place: { after: chosen } });
  };
  const press = (event: React.KeyboardEvent) => {
    if (event.target !== box.current) return;
    const keys = new Map<string, () => unknown>([
      ["ArrowDown", () => walk(0, 1, event.shiftKey)],
      ["ArrowRight", () => walk(1, 0, event.shiftKey)],
      ["ArrowUp", () => walk(0, -1, event.shiftKey)],
      ["ArrowLeft", () => walk(-1, 0, event.shiftKey)],
      ["Enter", onOpen],
      ["Escape", () => onChoose(undefined)],
      ["/", () => editable && insert()],
      ["s", () => chosen !== undefined && onSimulate(chosen)],
      ["f", () => chosen !== undefined && folds.turn(chosen)],
      ["F", folds.turnAll],
      ["c", () => editable && chosen !== undefined && setConnects(true)],
      ["Delete", () => editable && picked.length > 0 && onRemove(picked)],
      ["Backspace", () => editable && picked.length > 0 && onRemove(picked)],
    ]);
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "a") {
      event.preventDefault();
      pick(flow.steps.map((step) => step.id));
      if (chosen === undefined) onChoose(flow.steps[0]?.id);
      return;
    }
    const act = keys.get(event.key);
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const copy = (event: React.ClipboardEvent): boolean => {
    if (event.target !== box.current || picked.length === 0) return false;
    event.preventDefault();
    event.clipboardData.setData("text/plain", acts.copied(picked));
    return true;
  };
  const paste = (event: React.ClipboardEvent) => {
    if (!editable || event.target !== box.current) return;
    const pasted = acts.paste(
      event.clipboardData.getData("text/plain"),
      pointer.current ? undefined : chosen,
      pointer.current && view.screenToFlowPosition(pointer.current),
    );
    if (!pasted) return;
    onChoose(pasted.ids[0]);
    if (pasted.unknown.length > 0)
      toast.problem({
        title: t("canvas.pasted", { count: pasted.ids.length }),
        detail: t("canvas.unknown", { names: pasted.unknown.join(", ") }),
      });
  };
  const clickCard = useSteady((event: React.MouseEvent, node: CardNode) => {
    if ((event.target as Element).closest("[data-simulate]")) return onSimulate(node.id);
    home();
    if ((event.target as Element).closest("[data-fold]")) return folds.turn(node.id);
    if (!event.ctrlKey && !event.metaKey) {
      pick([node.id]);
      onChoose(node.id);
    } else {
      const others = marked.filter((id) => id !== node.id);
      if (marked.includes(node.id)) onChoose(chosen === node.id ? others[0] : chosen);
      else if (chosen === undefined) onChoose(node.id);
    }
  });
  const openCard = useSteady(onOpen);
  const clickPane = useSteady(() => {
    home();
    onChoose(undefined);
  });
  const selected = useSteady(() => {
    home();
    const within = view.getNodes().filter((node) => node.selected);
    if (!within.some((node) => node.id === chosen)) onChoose(within[0]?.id);
  });
  const clickWay = useSteady((event: React.MouseEvent, edge: LineEdge) => {
    const way = ways.find((each) => wayId(each) === edge.id);
    if (editable && way) setWanted({ place: { way }, at: { x: event.clientX, y: event.clientY } });
  });
  const dropped = useSteady((_: unknown, __: unknown, dragged: CardNode[]) =>
    acts.moved(
      flow.id,
      Object.fromEntries(
        dragged.map(({ id, position }) => [id, [Math.round(position.x), Math.round(position.y)]]),
      ),
    ),
  );
  const connected = useSteady(({ source, sourceHandle, target }: Connection) => {
    acts.connect(source, outcomeOf(sourceHandle), target);
  });
  const reconnected = useSteady((edge: LineEdge, { source, target }: Connection) => {
    if (source === edge.source) acts.connect(source, outcomeOf(edge.sourceHandle), target);
  });
  const fade = useCallback(
    (_: unknown, { zoom }: Viewport) => box.current?.classList.toggle("studio-far", zoom < TITLES),
    [],
  );
  const now = chosen === undefined ? undefined : cards.get(chosen);
  return (
    <div
      ref={box}
      id={id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the canvas is one tab stop with keys of its own
      tabIndex={0}
      role="application"
      aria-label={t("canvas.label", { flow: flow.id })}
      aria-describedby="canvas-keys"
      className="studio-canvas @container relative min-h-0 flex-1 focus-visible:-outline-offset-2"
      onKeyDown={press}
      onPointerDownCapture={() => {
        touched.current = true;
      }}
      onWheelCapture={() => {
        touched.current = true;
      }}
      onPointerMove={(event) => {
        pointer.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerLeave={() => {
        pointer.current = undefined;
      }}
      onCopy={copy}
      onCut={(event) => {
        if (editable && copy(event)) onRemove(picked);
      }}
      onPaste={paste}
    >
      <p id="canvas-keys" className="sr-only">
        {t("canvas.keys")}
      </p>
      <p aria-live="polite" className="sr-only">
        {marked.length > 1 ? t("canvas.picked", { count: picked.length }) : heard(now, t)}
      </p>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        edgeTypes={EDGES}
        onNodesChange={onNodesChange}
        onInit={() => chosen !== undefined && look(chosen)}
        onNodeClick={clickCard}
        onNodeDoubleClick={openCard}
        onPaneClick={clickPane}
        onSelectionEnd={selected}
        onEdgeClick={clickWay}
        onNodeDragStop={dropped}
        onConnect={connected}
        onConnectEnd={letGo}
        onReconnect={reconnected}
        nodesDraggable={editable}
        nodesConnectable={editable}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode="Shift"
        multiSelectionKeyCode={MANY}
        onlyRenderVisibleElements={flow.steps.length > 60}
        defaultViewport={{ x: 32, y: 60, zoom: 1 }}
        onMove={fade}
        minZoom={0.2}
        maxZoom={1.5}
        proOptions={{ hideAttribution: true }}
        ariaLabelConfig={labels}
      >
        <Background gap={20} color="var(--border)" />
        <Controls showInteractive={false} position="bottom-left" />
        {flow.steps.length > 8 && (
          <MiniMap position="bottom-right" pannable className="@max-xl:hidden" ariaLabel={t("canvas.map")} />
        )}
      </ReactFlow>
      {flow.steps.length === 0 && (
        <p className="pointer-events-none absolute inset-x-0 top-1/3 text-center text-muted-foreground text-sm">
          {t(editable ? "canvas.empty" : "canvas.empty_locked")}
        </p>
      )}
      <div className="pointer-events-none absolute inset-x-2 top-2 flex flex-wrap items-start gap-2 *:pointer-events-auto">
        {editable && (
          <Palette
            open={wanted !== undefined}
            onOpenChange={(opens) => setWanted(opens ? { place: { after: chosen } } : undefined)}
            actions={[...actions.values()]}
            at={wanted?.at}
            home={home}
            onPick={(action) => add(action, wanted?.place ?? {})}
            onCarry={(point) => {
              const way = point && hit(point)?.way;
              setUnder(way && wayId(way));
            }}
            onDrop={drop}
          />
        )}
        {editable && (picked.length > 1 ? picked : Object.keys(moved)).some((id) => id in moved) && (
          <Button size="sm" onClick={() => acts.tidy(flow.id, picked.length > 1 ? picked : undefined)}>
            <Sparkles />
            {t(picked.length > 1 ? "canvas.tidy_picked" : "canvas.tidy")}
          </Button>
        )}
        {into.size > 0 && (
          <Button size="sm" onClick={folds.turnAll}>
            <ListTree />
            {t("canvas.unfold_all")}
          </Button>
        )}
        {editable && picked.length > 1 && (
          <Selection
            count={picked.length}
            taken={(name) => fileOfFlow(files, name) !== undefined}
            onFlow={(name) => {
              const call = acts.makeFlow(picked, name, open);
              if (call !== undefined) onChoose(call);
            }}
            onRemove={() => onRemove(picked)}
          />
        )}
      </div>
      {connects && now && (
        <Connect
          step={now.step.id}
          outcomes={connectable(open(now.step))}
          targets={flow.steps.map((step) => step.id)}
          onConnect={(outcome, to) => acts.connect(now.step.id, outcome, to)}
          onClose={() => setConnects(false)}
          home={home}
        />
      )}
    </div>
  );
}

const MANY = ["Control", "Meta"];
const TITLES = 0.4; // below this zoom cards are titles

/** Its outcomes, and what none of them names: the way on, or what several of them do. */
function connectable({ shown, none, open }: { shown: string[]; none: boolean; open: string[] }): string[] {
  return none || open.length > 1 ? [...shown, ""] : shown;
}
