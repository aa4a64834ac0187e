/**
 * A draft as a contact would meet it, in one language on one channel: each step as the messages that it would say, with
 * nobody asked. What an expression gives is not known here and stands as it is written. A menu is shown as
 * flows/fit.py fits it to the channel's limits; a question as flows/actions/collect.py words it.
 */
import { parse } from "yaml";
import type { Content } from "../chat/content";
import type { Files } from "./draft";
import { isEntry, type Tongue, tongueOf } from "./tongue";

type Map_ = Record<string, unknown>;
/** A channel's limits, by name: schemas/capabilities.py. */
export type Limits = Readonly<Map_>;
export type Asked = { field: string; required: boolean; content: Content[] };
export type ShownStep = {
  id: string;
  action: string;
  disabled: boolean;
  said: Content[];
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
/** The words of a question that has a yes and a no. */
export type YesNo = { yes: string; no: string };

type Option = { id: string; title: string; description: string; section: string };

export function previewOf(
  files: Files,
  path: string,
  language: string,
  limits: Limits,
  yesNo: YesNo,
): ShownFlow {
  const name = path.replace(/^flows\//, "").replace(/\.(ya?ml|json)$/, "");
  const read = parsed(files[path]);
  if (read === undefined) return { id: name, title: name, steps: [], broken: true };
  const bot = parsed(files["bot.yaml"]) ?? {};
  const tongue = tongueOf(files, language);
  const at = `flows/${name}`;
  const title = tongue.text(read.title, `${at}/title`);
  const steps = list(read.steps).map((each) => {
    const step = map(each);
    tongue.missing = false;
    const here = `${at}/steps/${text(step.id)}/with`;
    const shown = shownStep(map(step.with), text(step.action), here, {
      tongue,
      limits,
      yesNo,
      frames: map(bot.frames),
      data: map(read.data),
      at,
    });
    return {
      id: text(step.id),
      action: text(step.action),
      disabled: step.disabled === true,
      ...shown,
      ways: waysOf(step),
      missing: tongue.missing,
    };
  });
  return { id: text(read.id) || name, title: title || name, steps, broken: false };
}

type Room = { tongue: Tongue; limits: Limits; yesNo: YesNo; frames: Map_; data: Map_; at: string };

function shownStep(
  given: Map_,
  action: string,
  here: string,
  room: Room,
): Pick<ShownStep, "said" | "asks" | "form"> {
  const nothing = { said: [], asks: [], form: undefined };
  const { tongue } = room;
  switch (action) {
    case "send":
      return { ...nothing, said: sent(given, here, room) };
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
      return {
        ...nothing,
        said: [framed(fitted(words, options, room.limits, text(given.as) || "auto", label), given, room)],
      };
    }
    case "collect":
      return { ...nothing, ...collected(list(given.fields).map(text), room) };
    case "template":
      return {
        ...nothing,
        said: room.limits.template
          ? [
              {
                kind: "template",
                name: text(given.name),
                language: tongue.text(given.language, `${here}/language`),
              },
            ]
          : texts(tongue.text(given.text, `${here}/text`)),
      };
    default: {
      const meanwhile = map(given.meanwhile).text;
      return {
        ...nothing,
        said: meanwhile === undefined ? [] : texts(tongue.text(meanwhile, `${here}/meanwhile/text`)),
      };
    }
  }
}

function sent(given: Map_, here: string, room: Room): Content[] {
  const { tongue, limits } = room;
  const said: Content[] = [];
  if (text(given.reaction) !== "" && limits.reaction) said.push({ kind: "reaction", emoji: given.reaction });
  if (given.file !== undefined) {
    const file = map(given.file);
    const caption = tongue.text(file.caption, `${here}/file/caption`);
    said.push({ kind: text(file.kind), filename: text(file.filename), caption });
  }
  if (given.location !== undefined) {
    const place = map(given.location);
    const name = tongue.text(place.name, `${here}/location/name`);
    const address = tongue.text(place.address, `${here}/location/address`);
    said.push({ kind: "location", latitude: place.latitude, longitude: place.longitude, name, address });
  }
  if (given.card !== undefined) said.push({ kind: "contacts", contacts: [map(given.card)] });
  if (given.text === undefined || given.text === null) return said;
  const words = tongue.text(given.text, `${here}/text`);
  if (given.link === undefined) return [...said, framed({ kind: "text", text: words }, given, room)];
  const link = map(given.link);
  const label = tongue.text(link.label, `${here}/link/label`);
  const holds = label.length <= number(limits.link_label) && words.length <= number(limits.button_text);
  const body: Content = holds
    ? { kind: "link", text: words, label, url: text(link.url) }
    : { kind: "text", text: `${words}\n\n${label}: ${text(link.url)}` };
  return [...said, framed(body, given, room)];
}

/** Between the header and the footer of its frame: in their own places, else as lines of the text. */
function framed(content: Content, given: Map_, { tongue, frames, limits }: Room): Content {
  const name = text(given.frame);
  if (name === "") return content;
  const frame = map(frames[name]);
  const header = tongue.text(frame.header, `bot/frames/${name}/header`);
  const footer = tongue.text(frame.footer, `bot/frames/${name}/footer`);
  const own =
    content.kind !== "text" &&
    header.length <= number(limits.header) &&
    footer.length <= number(limits.footer);
  if (own) return { ...content, header, footer };
  return {
    ...content,
    text: [header, text(content.text), footer].filter((each) => each !== "").join("\n\n"),
  };
}

/** As buttons, a list or numbered text, whichever the channel holds. JavaScript counts in UTF-16 units, as it does. */
export function fitted(words: string, options: Option[], limits: Limits, how = "auto", label = ""): Content {
  const most = (name: string) => number(limits[name]);
  const buttons =
    (how === "auto" || how === "buttons") &&
    options.length > 0 &&
    options.length <= most("buttons") &&
    words.length <= most("button_text") &&
    options.every((each) => each.title.length <= most("button_title") && each.description === "");
  if (buttons) return { kind: "buttons", text: words, buttons: options };
  const listed =
    how !== "text" &&
    options.length > 0 &&
    most("list_rows") > 1 &&
    words.length <= most("list_text") &&
    label.length <= most("list_open_label") &&
    options.every(
      (each) =>
        each.title.length <= most("list_title") &&
        each.description.length <= most("list_description") &&
        each.section.length <= most("section_title"),
    );
  if (listed) {
    const sections = [...new Set(options.map((each) => each.section))].map((title) => ({
      title,
      rows: options.filter((each) => each.section === title),
    }));
    return { kind: "list", text: words, open_label: label, sections };
  }
  const lines = options.map(
    (each, place) => `${place + 1}. ${each.title}${each.description === "" ? "" : ` – ${each.description}`}`,
  );
  return {
    kind: "text",
    text: lines.length === 0 ? words : [...(words ? [words, ""] : []), ...lines].join("\n"),
  };
}

/** What a form asks for, one question after the other, and as one form. */
export function collected(fields: string[], room: Room): Pick<ShownStep, "asks" | "form"> {
  const { tongue, limits, yesNo, at } = room;
  const schema = map(room.data.schema);
  const required = list(schema.required).map(text);
  const ui = map(room.data.ui_schema);
  const asks: Asked[] = [];
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
        ? Object.entries(yesNo).map(([id, each]) => ({ id, title: each, description: "", section: "" }))
        : choices.map(([value, label]) => ({ id: value, title: label, description: "", section: "" }));
    const placeholder = options.length === 0 ? hinted("placeholder") : "";
    const lines = [hinted("prompt") || [title, description].filter((each) => each !== "").join("\n"), help];
    if (placeholder !== "") lines.push(`(${placeholder})`);
    const question = lines.filter((each) => each !== "").join("\n");
    const content =
      options.length === 0
        ? { kind: "text", text: question }
        : fitted(question, options, limits, hints.widget === "select" ? "list" : "auto");
    asks.push({ field, required: required.includes(field), content: [content] });
    const { title: _, description: __, ...plain } = own;
    properties[field] = { ...plain, title };
    words[field] = {
      title,
      ...(help || description ? { help: help || description } : {}),
      ...(choices.length > 0 ? { options: Object.fromEntries(choices) } : {}),
    };
  }
  const needed = fields.filter((field) => required.includes(field));
  return { asks, form: { schema: { type: "object", properties, required: needed }, words } };
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
const texts = (words: string): Content[] => (words === "" ? [] : [{ kind: "text", text: words }]);
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
