/**
 * A draft as a contact would meet it, in one language on one channel: each step as the messages that it would say, with
 * nobody asked. What an expression gives is not known here and stands as it is written. A question is worded as
 * flows/actions/collect.py does it.
 */
import { parse } from "yaml";
import type { Content } from "../chat/content";
import type { Files } from "./draft";
import { type Fitted, fitFrame, fitMenu, fitText, type Limits, type Note, type Option } from "./fit";
import { read } from "./reading";
import { lengthOf } from "./texts";
import { isEntry, type Tongue, tongueOf } from "./tongue";

type Map_ = Record<string, unknown>;
export type Asked = { field: string; required: boolean; content: Content[] };
export type ShownStep = {
  id: string;
  action: string;
  disabled: boolean;
  said: Content[];
  /** What the channel shows in another way than it was written. */
  notes: Note[];
  /** What `collect` asks for, one question after the other. */
  asks: Asked[];
  /** What it asks for, as JSON Schema for one language. */
  form: FormShown | undefined;
  /** Where it goes from here, by outcome; "" is what no outcome names. */
  ways: [outcome: string, to: string][];
  /** A text lacks this language: another one is shown. */
  missing: boolean;
};
export type FormShown = {
  schema: Map_;
  words: Record<string, { title: string; help?: string; options?: Record<string, string> }>;
};
export type ShownFlow = { id: string; title: string; steps: ShownStep[]; broken: boolean };
/** Words of the engine's own: a question's yes and no, what opens a list, and its next page. */
export type Own = { yes: string; no: string; open: string; more: string };

export function previewOf(files: Files, path: string, language: string, limits: Limits, own: Own): ShownFlow {
  const name = nameOf(path);
  const flow = parsed(files[path]);
  if (flow === undefined) return { id: name, title: name, steps: [], broken: true };
  const room = { ...roomOf(files, path, language, limits, own), data: map(flow.data) };
  const title = room.tongue.text(flow.title, `${room.at}/title`);
  const steps = list(flow.steps).map((each) => stepIn(room, map(each)));
  return { id: text(flow.id) || name, title: title || name, steps, broken: false };
}

/** What is around the steps of a flow; `data`: of the flow as it was read last. */
export type Room = { tongue: Tongue; limits: Limits; own: Own; frames: Map_; data: Map_; at: string };

export function roomOf(files: Files, path: string, language: string, limits: Limits, own: Own): Room {
  const { frames } = map(read(files["bot.yaml"] ?? "").value);
  const { data } = map(read(files[path] ?? "").value);
  const at = `flows/${nameOf(path)}`;
  return { tongue: tongueOf(files, language), limits, own, frames: map(frames), data: map(data), at };
}

/** One step. */
export function stepIn(room: Room, step: Map_): ShownStep {
  room.tongue.missing = false;
  const here = `${room.at}/steps/${text(step.id)}/with`;
  return {
    id: text(step.id),
    action: text(step.action),
    disabled: step.disabled === true,
    ...shownStep(map(step.with), text(step.action), here, room),
    ways: waysOf(step),
    missing: room.tongue.missing,
  };
}

function shownStep(
  given: Map_,
  action: string,
  here: string,
  room: Room,
): Pick<ShownStep, "said" | "notes" | "asks" | "form"> {
  const nothing = { said: [], notes: [], asks: [], form: undefined };
  const { tongue } = room;
  switch (action) {
    case "send":
      return { ...nothing, ...sent(given, here, room) };
    case "menu": {
      const options = Object.entries(map(given.choices)).map(([id, each]): Option => {
        const place = `${here}/choices/${id}`;
        const entry = isEntry(each) ? map(each) : undefined;
        return entry
          ? {
              id,
              title: tongue.text(entry.title, `${place}/title`),
              description: tongue.text(entry.description, `${place}/description`),
              section: tongue.text(entry.section, `${place}/section`),
            }
          : { id, title: tongue.text(each, place), description: "", section: "" };
      });
      const label = tongue.text(given.open_label, `${here}/open_label`);
      const words = tongue.text(given.text, `${here}/text`);
      const how = { how: text(given.as) || "auto", label: label || room.own.open, more: room.own.more };
      return { ...nothing, ...framed(fitMenu(words, options, room.limits, how), given, room) };
    }
    case "collect":
      return { ...nothing, ...collected(list(given.fields).map(text), room) };
    case "template": {
      const spoken = tongue.text(given.language, `${here}/language`);
      if (room.limits.template)
        return { ...nothing, said: [{ kind: "template", name: text(given.name), language: spoken }] };
      const { said, notes } = fitText(tongue.text(given.text, `${here}/text`), room.limits);
      const how = said.length === 0 ? "undelivered" : "text";
      return { ...nothing, said, notes: [{ why: "no_template", how }, ...notes] };
    }
    default: {
      const meanwhile = map(given.meanwhile).text;
      return meanwhile === undefined
        ? nothing
        : { ...nothing, ...fitText(tongue.text(meanwhile, `${here}/meanwhile/text`), room.limits) };
    }
  }
}

function sent(given: Map_, here: string, room: Room): Fitted {
  const { tongue, limits } = room;
  const said: Content[] = [];
  const notes: Note[] = [];
  if (text(given.reaction) !== "") {
    if (limits.reaction) said.push({ kind: "reaction", emoji: given.reaction });
    else notes.push({ why: "no_reaction" });
  }
  if (given.file !== undefined) {
    const file = map(given.file);
    const caption = tongue.text(file.caption, `${here}/file/caption`);
    const none = ["audio", "sticker"].includes(text(file.kind));
    const most = none ? 0 : number(limits.caption);
    const fits = lengthOf(caption) <= most;
    said.push({ kind: text(file.kind), filename: text(file.filename), caption: fits ? caption : "" });
    if (!fits) {
      said.push(...fitText(caption, limits).said);
      notes.push({ why: "caption", most, count: lengthOf(caption) });
    }
  }
  if (given.location !== undefined) {
    const place = map(given.location);
    const name = tongue.text(place.name, `${here}/location/name`);
    const address = tongue.text(place.address, `${here}/location/address`);
    said.push({ kind: "location", latitude: place.latitude, longitude: place.longitude, name, address });
  }
  if (given.card !== undefined) said.push({ kind: "contacts", contacts: [map(given.card)] });
  if (given.text === undefined || given.text === null) return { said, notes };
  const words = tongue.text(given.text, `${here}/text`);
  const body = framed(
    given.link === undefined ? fitText(words, limits) : linked(words, given, here, room),
    given,
    room,
  );
  return { said: [...said, ...body.said], notes: [...notes, ...body.notes] };
}

function linked(words: string, given: Map_, here: string, { tongue, limits }: Room): Fitted {
  const link = map(given.link);
  const label = tongue.text(link.label, `${here}/link/label`);
  const most = { label: number(limits.link_label), text: number(limits.button_text) };
  const why: Note | undefined =
    most.label === 0
      ? { why: "no_link" }
      : lengthOf(label) > most.label
        ? { why: "link", most: most.label, count: lengthOf(label), words: label }
        : lengthOf(words) > most.text
          ? { why: "button_text", most: most.text, count: lengthOf(words), words }
          : undefined;
  if (!why) return { said: [{ kind: "link", text: words, label, url: text(link.url) }], notes: [] };
  const { said, notes } = fitText(`${words}\n\n${label}: ${text(link.url)}`, limits);
  return { said, notes: [{ ...why, how: "address" }, ...notes] };
}

/** Between the header and the footer of its frame. */
function framed(fitted: Fitted, given: Map_, { tongue, frames, limits }: Room): Fitted {
  const name = text(given.frame);
  if (name === "" || frames[name] === undefined) return fitted;
  const frame = map(frames[name]);
  const header = tongue.text(frame.header, `bot/frames/${name}/header`);
  const footer = tongue.text(frame.footer, `bot/frames/${name}/footer`);
  return fitFrame(fitted, header, footer, limits);
}

/** What a form asks for, one question after the other, and as one form. */
export function collected(fields: string[], room: Room): Pick<ShownStep, "notes" | "asks" | "form"> {
  const { tongue, limits, own: ours, at } = room;
  const schema = map(room.data.schema);
  const required = list(schema.required).map(text);
  const ui = map(room.data.ui_schema);
  const asks: Asked[] = [];
  const notes: Note[] = [];
  const properties: Map_ = {};
  const words: FormShown["words"] = {};
  for (const field of fields) {
    const own = map(map(schema.properties)[field]);
    const hints = hintsOf(map(ui[field]));
    const place = `${at}/data/schema/properties/${field}`;
    const hinted = (name: string) => tongue.text(hints[name], `${at}/data/ui_schema/${field}/ui:${name}`);
    const title = hinted("title") || tongue.text(own.title, `${place}/title`) || human(field);
    const description = hinted("description") || tongue.text(own.description, `${place}/description`);
    const help = hinted("help");
    const choices = choicesOf(field, own, hints, room);
    const options =
      own.type === "boolean"
        ? (["yes", "no"] as const).map((id) => ({ id, title: ours[id], description: "", section: "" }))
        : choices.map(([value, label]) => ({ id: value, title: label, description: "", section: "" }));
    const placeholder = options.length === 0 ? hinted("placeholder") : "";
    const lines = [hinted("prompt") || [title, description].filter((each) => each !== "").join("\n"), help];
    if (placeholder !== "") lines.push(`(${placeholder})`);
    const question = lines.filter((each) => each !== "").join("\n");
    const how = { how: hints.widget === "select" ? "list" : "auto", label: ours.open, more: ours.more };
    const fitted = options.length === 0 ? fitText(question, limits) : fitMenu(question, options, limits, how);
    asks.push({ field, required: required.includes(field), content: fitted.said });
    for (const note of fitted.notes)
      if (!notes.some((each) => JSON.stringify(each) === JSON.stringify(note))) notes.push(note);
    const { title: _, description: __, ...plain } = own;
    properties[field] = { ...plain, title };
    words[field] = {
      title,
      ...(help || description ? { help: help || description } : {}),
      ...(choices.length > 0 ? { options: Object.fromEntries(choices) } : {}),
    };
  }
  const needed = fields.filter((field) => required.includes(field));
  return { asks, notes, form: { schema: { type: "object", properties, required: needed }, words } };
}

function choicesOf(field: string, own: Map_, hints: Map_, { tongue, at }: Room): [string, string][] {
  const titled = [own.oneOf, own.anyOf].find(
    (each) => Array.isArray(each) && each.every((one) => "const" in map(one)),
  );
  const items = map(own.items);
  const values = titled ? list(titled).map((one) => map(one).const) : list(own.enum ?? items.enum);
  const names = list(hints.enumNames);
  return values.map((value, place) => {
    const shown = titled ? map(list(titled)[place]).title : names[place];
    const key = `${at}/data/ui_schema/${field}/ui:enumNames/${place}`;
    return [String(value), tongue.text(shown, key) || String(value)];
  });
}

/** `ui:help`, and `help` in `ui:options`: the same hint. */
function hintsOf(ui: Map_): Map_ {
  const named = Object.entries(ui).filter(([key]) => key.startsWith("ui:") && key !== "ui:options");
  return {
    ...map(ui["ui:options"]),
    ...Object.fromEntries(named.map(([key, each]) => [key.slice(3), each])),
  };
}

function waysOf(step: Map_): [string, string][] {
  const ways = Object.entries(map(step.then)).map(([outcome, to]): [string, string] => [outcome, text(to)]);
  return step.next === undefined ? ways : [...ways, ["", text(step.next)]];
}

const map = (value: unknown): Map_ =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Map_) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const nameOf = (path: string): string => path.replace(/^flows\//, "").replace(/\.(ya?ml|json)$/, "");
const human = (name: string): string => {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
};

function parsed(file: string | undefined): Map_ | undefined {
  try {
    return map(parse(file ?? "", { version: "1.2" }));
  } catch {
    return undefined;
  }
}
