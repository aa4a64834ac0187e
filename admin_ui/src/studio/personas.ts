/**
 * Who writes to the bot in the simulator: a contact as flows see one, on a channel. Some are ready; own ones are kept
 * in the browser, for each bot.
 */
import { parse } from "yaml";
import { shelf } from "../shelf";
import { languagesOf } from "./languages";

export type Persona = {
  id: string;
  /** What the list calls it; the ready ones have words of the catalogue instead. */
  title: string;
  /** Empty: not known of the contact, as the next four. */
  name: string;
  language: string;
  timezone: string;
  /** Digits, with the country's code. */
  phone: string;
  channel: Channel;
  /** When the talk begins, "2026-12-24T20:00" by the contact's clock; empty: now. */
  begins: string;
  /** By field, as flows read them. Those that the bot has ceased to declare stay, and are not sent. */
  fields: Record<string, unknown>;
};
export const CHANNELS = ["simulator", "cloud_api", "linked_device"] as const;
export type Channel = (typeof CHANNELS)[number];
/** Where talks begin that no trigger begins. */
export type Begin = { flow: string; step: string };
/** `begin`: left out, what is said first begins the talk. `data`: what flows hold by then, by persona and flow. */
export type Kept = {
  own: Persona[];
  chosen: string;
  begin?: Begin | undefined;
  data: Record<string, Record<string, Profile>>;
};
/** A contact's field with its JSON Schema, as bot.yaml declares it. */
export type Declared = { name: string; schema: Record<string, unknown> };
type Profile = Record<string, unknown>;

/** +44 7700 900… is Ofcom's range for drama. */
export const READY = [
  {
    id: "ready-en",
    title: "",
    name: "Emily Carter",
    language: "en",
    timezone: "Europe/London",
    phone: "447700900123",
    channel: "simulator",
    begins: "",
    fields: {},
  },
  {
    id: "ready-it",
    title: "",
    name: "Giulia Rossi",
    language: "it",
    timezone: "Europe/Rome",
    phone: "393331112222",
    channel: "simulator",
    begins: "",
    fields: {},
  },
  {
    id: "ready-new",
    title: "",
    name: "",
    language: "",
    timezone: "",
    phone: "",
    channel: "linked_device",
    begins: "",
    fields: {},
  },
] as const satisfies readonly Persona[];

/** Who writes until somebody else is chosen: the ready one who speaks the author's language, or the bot's first. */
export function chosenOf(
  { own, chosen }: Pick<Kept, "own" | "chosen">,
  bot: string,
  author: string,
): Persona {
  const languages = languagesOf(bot);
  const wanted = languages.includes(author) ? author : languages[0];
  return (
    [...READY, ...own].find((each) => each.id === chosen) ??
    READY.find((each) => each.language === wanted) ??
    READY[0]
  );
}

/** The contact as the API and a test have it: what is known of it, in one map. */
export function profileOf(persona: Persona, declared: Declared[]): Profile {
  const { name, language, timezone, phone, fields } = persona;
  const told = declared.flatMap((field) => (field.name in fields ? [[field.name, fields[field.name]]] : []));
  const own = Object.entries({ name, language, timezone, phone }).filter(([, value]) => value !== "");
  return Object.fromEntries([...told, ...own]);
}

export function nameOf({ flow, step }: Begin): string {
  return step === "" ? flow : `${flow}.${step}`;
}

/** The step at which the persona's talk begins, with what the flow holds by then, as the API and a test have it. */
export function placeOf({ begin, data }: Kept, { id }: Persona): (Begin & { data: Profile }) | undefined {
  return begin && { ...begin, data: data[id]?.[begin.flow] ?? {} };
}

/** When the talk begins; undefined: now. Without a time zone of the contact, by the clock of who tries the bot. */
export function beginOf({ begins, timezone }: Persona): Date | undefined {
  if (begins === "") return undefined;
  if (timezone === "") return new Date(begins);
  const shown = Date.parse(`${begins}Z`);
  // The clock may be put forward or back between the two: the second guess is right.
  const guess = shown - aheadOf(timezone, shown);
  return new Date(shown - aheadOf(timezone, guess));
}

/** How far the clock of a zone is ahead of UTC at a moment, in milliseconds. */
function aheadOf(zone: string, at: number): number {
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return Date.parse(`${clock.format(at).replace(" ", "T")}Z`) - at;
}

/** The contact's fields that a bot.yaml declares; none while it cannot be read. */
export function declaredIn(bot: string): Declared[] {
  try {
    const fields = map(map(map(parse(bot)).contact).fields);
    return Object.entries(fields).map(([name, schema]) => ({ name, schema: map(schema) }));
  } catch {
    return []; // the problems say why
  }
}

/** How a value is typed in: what is not a text is JSON. */
export function typed(value: unknown): string {
  return value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

/** What was typed as a value of the field: nothing typed is none. Raises `SyntaxError` where it is not one. */
export function readValue({ schema }: Declared, text: string): unknown {
  if (text === "") return undefined;
  if (Array.isArray(schema.enum)) return schema.enum.find((each) => typed(each) === text);
  const types = ([] as unknown[]).concat(schema.type ?? "string");
  if (types.includes("string")) return text;
  const value: unknown = JSON.parse(text);
  const kind = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  const fits =
    types.includes(kind) || (types.includes("integer") && kind === "number" && Number.isInteger(value));
  if (!fits) throw new SyntaxError(types.join(", "));
  return value;
}

/** A phone number's digits; undefined: it is none. */
export function phoneOf(text: string): string | undefined {
  const digits = text.replace(/[\s()./-]/g, "").replace(/^(\+|00)/, "");
  return digits === "" || /^[1-9]\d{5,14}$/.test(digits) ? digits : undefined;
}

const shelfOf = (bot: string) => `chatloom.personas.${bot}`;

export function kept(bot: string): Kept {
  try {
    const read = map(JSON.parse(shelf.get(shelfOf(bot)) ?? "{}"));
    const own = (Array.isArray(read.own) ? read.own : []).map(map).filter((each) => each.id && each.title);
    return {
      own: own.map((each) => ({ ...READY[2], ...each, fields: map(each.fields) }) as Persona),
      chosen: String(read.chosen ?? ""),
      ...(typeof map(read.begin).flow === "string" ? { begin: read.begin as Begin } : {}),
      data: map(read.data) as Kept["data"],
    };
  } catch {
    return { own: [], chosen: "", data: {} }; // what cannot be read is none
  }
}

export function keep(bot: string, personas: Kept): void {
  shelf.put(shelfOf(bot), JSON.stringify(personas));
}

function map(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
