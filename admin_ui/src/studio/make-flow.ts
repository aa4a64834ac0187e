/**
 * Steps become a flow of their own, and a `call` stands for them. What led to them leads to the call; where they led to
 * several places, the new flow stops with a result for each, by which the call leaves.
 */
import { parse, stringify } from "yaml";
import { blocksOf } from "./blocks";
import { freshId, insertStep, readFlow, removeStep, type Step, stepsText } from "./flow-text";
import { type Open, type Way, waysOf } from "./layout";
import { insertItem, SpliceRefused, setValue } from "./splice";

/** `entries`: they are entered at several steps; `stops`: one of them ends the whole flow. */
export class NoFlow extends Error {
  override readonly name = "NoFlow";
  constructor(readonly why: "entries" | "stops" | "everything") {
    super(why);
  }
}

const END = "stop";

/** Gives the old flow's text and the new one's. Raises `NoFlow`, `SpliceRefused`. */
export function makeFlow(
  text: string,
  ids: string[],
  name: string,
  openOf: (step: Step) => Open,
): { rest: string; made: string; call: string } {
  const flow = readFlow(text);
  const inside = flow.steps.filter((step) => ids.includes(step.id));
  const within = new Set(inside.map((step) => step.id));
  if (inside.some((step) => openOf(step).ends)) throw new NoFlow("stops");
  if (inside.length === flow.steps.length) throw new NoFlow("everything");
  const ways = [...waysOf(flow, openOf), ...ends(flow.steps, openOf)];
  const entry = entryOf(flow.steps, within, ways, Object.values(flow.defaults));

  const leave = new Set(ways.filter((way) => within.has(way.from)).map((way) => way.to));
  for (const to of Object.values(flow.defaults)) leave.add(to);
  const places = [...leave].filter((to) => !within.has(to));
  const several = places.length > 1;
  const exit = new Map(
    places.map((to) => [to, several ? freshId(flow, `to_${to === END ? "end" : to}`) : END]),
  );

  const blocks = new Map(flow.steps.map((step) => [step.id, stepsText(text, [step.id])]));
  const order = [entry, ...inside.filter((step) => step.id !== entry).map((step) => step.id)];
  let made = `chatloom: flow/v1\nid: ${name}\ntitle: ${name}\n${dataOf(text)}steps:\n${order.map((id) => blocks.get(id) ?? "").join("")}`;
  for (const [place, id] of order.entries()) {
    const step = inside.find((each) => each.id === id) as Step;
    for (const [outcome, to] of Object.entries(step.then))
      if (!within.has(to)) made = setValue(made, ["steps", place, "then", outcome], exit.get(to) ?? to);
    const on = step.next ?? falling(flow.steps, step, openOf);
    const wanted = on === undefined || within.has(on) ? on : exit.get(on);
    if (wanted !== undefined && (step.next !== undefined || wanted !== order[place + 1]))
      made = setValue(made, ["steps", place, "next"], wanted);
  }
  for (const [outcome, to] of Object.entries(flow.defaults))
    made = setValue(made, ["defaults", outcome], within.has(to) ? to : (exit.get(to) ?? to));
  if (several)
    for (const [to, id] of exit)
      made = insertStep(made, readFlow(made).steps.at(-1)?.id, {
        id,
        action: "stop",
        with: { result: resultOf(to) },
      });

  const call = freshId(flow, name);
  const { inputs, outputs } = passed(text, blocks, within);
  const put = {
    id: call,
    action: "call",
    with: { flow: name, ...(inputs ? { inputs } : {}), ...(outputs ? { outputs } : {}) },
    ...(several ? { then: Object.fromEntries(places.map((to) => [resultOf(to), to])) } : {}),
  };
  let rest = insertStep(text, entry, put);
  for (const id of order) rest = removeStep(rest, id);
  const left = readFlow(rest);
  const at = left.steps.findIndex((step) => step.id === call);
  const [only] = places;
  const below = left.steps[at + 1]?.id ?? END;
  if (!several && only !== undefined && only !== below) rest = setValue(rest, ["steps", at, "next"], only);
  for (const [place, step] of left.steps.entries()) {
    if (step.next === entry) rest = setValue(rest, ["steps", place, "next"], call);
    for (const [outcome, to] of Object.entries(step.then))
      if (to === entry) rest = setValue(rest, ["steps", place, "then", outcome], call);
  }
  return { rest, made, call };
}

/** The bot.yaml that lists a flow: one that is not listed is never begun. As it was where it cannot be changed. */
export function listing(bot: string, flow: string): string {
  try {
    return insertItem(bot, ["flows"], undefined, flow);
  } catch (error) {
    if (!(error instanceof SpliceRefused)) throw error;
    return bot;
  }
}

function entryOf(steps: Step[], within: Set<string>, ways: Way[], defaults: string[]): string {
  const entries = new Set([
    ...ways.filter((way) => !within.has(way.from) && within.has(way.to)).map((way) => way.to),
    ...steps.slice(0, 1).map((step) => step.id),
    ...defaults,
  ]);
  const [entry, ...more] = steps.map((step) => step.id).filter((id) => within.has(id) && entries.has(id));
  if (more.length > 0) throw new NoFlow("entries");
  const first = entry ?? steps.find((step) => within.has(step.id))?.id;
  if (first === undefined) throw new SpliceRefused("there is no such step");
  return first;
}

/** Where steps end the flow: by name, or since no step is below. */
function ends(steps: Step[], openOf: (step: Step) => Open): Way[] {
  return steps.flatMap((step) => {
    const named = [...Object.values(step.then), step.next ?? falling(steps, step, openOf)];
    return named.includes(END) ? [{ from: step.id, outcome: "", to: END }] : [];
  });
}

/** Where a step goes by itself; undefined: nowhere. */
function falling(steps: Step[], step: Step, openOf: (step: Step) => Open): string | undefined {
  const { ends, none, open } = openOf(step);
  if (step.next !== undefined || ends || (!none && open.length === 0)) return undefined;
  return steps[steps.indexOf(step) + 1]?.id ?? END;
}

function resultOf(place: string): string {
  return place === END ? "ended" : place;
}

/** What the flow says of its data, as the new one says it too. */
function dataOf(text: string): string {
  const data = (parse(text) as { data?: unknown }).data;
  if (data === undefined) return "";
  return blocksOf(text).find((block) => block.name === "data")?.text ?? stringify({ data });
}

/** What the steps read of the flow's data before they write it, and what they write that the others read. */
function passed(text: string, blocks: Map<string, string>, within: Set<string>) {
  const inside = [...within].map((id) => blocks.get(id) ?? "").join("");
  const outside = [...blocks]
    .filter(([id]) => !within.has(id))
    .map(([, block]) => block)
    .join("");
  const read = namesIn(inside);
  const written = new Set(writtenIn(text, within));
  const map = (names: string[], from: string) =>
    names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, `${from}.${name}`]));
  return {
    inputs: map(
      read.filter((name) => !written.has(name)),
      "data",
    ),
    outputs: map(
      namesIn(outside).filter((name) => written.has(name)),
      "result",
    ),
  };
}

function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\bdata\.([a-z]\w*)/g)].map((found) => found[1] as string))];
}

function writtenIn(text: string, within: Set<string>): string[] {
  const { steps } = parse(text) as { steps: { id: string; with?: Record<string, unknown> }[] };
  return steps
    .filter((step) => within.has(step.id))
    .flatMap(({ with: given = {} }) => [
      ...(Array.isArray(given.fields) ? given.fields.map(String) : []),
      ...["data", "save", "outputs"].flatMap((key) => {
        const map = given[key];
        return typeof map === "object" && map !== null && !Array.isArray(map) ? Object.keys(map) : [];
      }),
    ]);
}
