/**
 * The texts of a bot by language, in the files where they lie. A text is known by its key, its place by the ids of
 * steps (flows/translations.py): `flows/intake/steps/hi/with/text`. A translation stands beside its text, or apart in
 * `texts/<language>.yaml`; one that stands apart counts.
 */
import { parse } from "yaml";
import type { Schemas } from "../api/client";
import type { Files } from "./draft";
import type { Path } from "./reading";
import { SpliceRefused, setValue, setValues } from "./splice";

type Map_ = Record<string, unknown>;
/** Texts of a key in a language, a text a variant; none takes the translation away. `from`: what it was made from. */
export type Translated = {
  key: string;
  language: string;
  texts: readonly string[];
  from?: readonly string[] | undefined;
};

const map = (value: unknown): Map_ =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Map_) : {};
const isMap = (value: unknown): value is Map_ =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function variantsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

const asWritten = (texts: readonly string[]) => (texts.length === 1 ? texts[0] : [...texts]);
const same = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((each, at) => each === other[at]);

/** Reads the texts of some files, each file once. A file that cannot be read has none. */
export class Texts {
  private readonly read = new Map<string, unknown>();
  constructor(
    readonly files: Files,
    /** The bot's first language. */
    readonly first: string,
  ) {}

  private document(path: string): unknown {
    if (!this.read.has(path)) this.read.set(path, parsed(this.files[path]));
    return this.read.get(path);
  }

  /** The file and the path in it of a key; undefined: there is no such text. */
  place(key: string): { file: string; path: Path; value: unknown } | undefined {
    const [head = "", ...tail] = key
      .split("/")
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    const stem = head === "flows" ? `flows/${tail.shift() ?? ""}` : head;
    const file = ["yaml", "yml", "json"].map((end) => `${stem}.${end}`).find((path) => path in this.files);
    if (file === undefined) return undefined;
    let value = this.document(file);
    const path: Path = [];
    for (const [depth, part] of tail.entries()) {
      if (Array.isArray(value)) {
        const at =
          depth === 1 && path[0] === "steps"
            ? value.findIndex((step) => map(step).id === part)
            : Number(part);
        path.push(at);
        value = value[at];
      } else {
        path.push(part);
        value = map(value)[part];
      }
    }
    return value === undefined ? undefined : { file, path, value };
  }

  /** The file of a language's translations, where there is one. */
  apartFile(language: string): string | undefined {
    return ["yaml", "yml", "json"]
      .map((end) => `texts/${language}.${end}`)
      .find((path) => path in this.files);
  }

  private apart(language: string, key: string): unknown {
    const file = this.apartFile(language);
    return file === undefined ? undefined : map(map(this.document(file)).texts)[key];
  }

  /** A text in a language, as it stands now: nothing where it is not translated. */
  in(key: string, language: string): string[] {
    if (language !== this.first) {
      const apart = this.apart(language, key);
      if (apart !== undefined) return variantsOf(isMap(apart) ? apart.to : apart);
    }
    const value = this.place(key)?.value;
    if (isMap(value)) return variantsOf(value[language]);
    return language === this.first ? variantsOf(value) : [];
  }

  /** The files as they are with these translations; undefined: it stands as it was. Raises `SpliceRefused`. */
  with(all: readonly Translated[]): Record<string, string> {
    const sets = new Map<string, [Path, unknown][]>();
    const whole = new Map<string, Map_>(); // texts that stood once for all languages
    const fresh = new Map<string, Map_>(); // translations apart where there are none yet
    const gone: [file: string, path: Path][] = [];
    const set = (file: string, path: Path, value: unknown) =>
      sets.set(file, [...(sets.get(file) ?? []), [path, value]]);
    const plain = (file: string, path: Path, was: unknown, one: Translated) => {
      const at = JSON.stringify([file, path]);
      whole.set(at, { [this.first]: was, ...whole.get(at), [one.language]: asWritten(one.texts) });
    };
    for (const one of all) {
      const there = this.place(one.key);
      if (!there) throw new SpliceRefused(`there is no text ${one.key}`);
      const apart = one.language === this.first ? undefined : this.apart(one.language, one.key);
      const source = this.in(one.key, this.first);
      const from = one.from?.length ? one.from : source;
      const file = this.apartFile(one.language) ?? `texts/${one.language}.yaml`;
      const inside = isMap(there.value) && one.language in there.value;
      if (one.texts.length === 0) {
        if (apart !== undefined) gone.push([file, ["texts", one.key]]);
        else if (inside) gone.push([there.file, [...there.path, one.language]]);
      } else if (one.language === this.first && !isMap(there.value)) {
        plain(there.file, there.path, there.value, one);
      } else if (one.language === this.first) {
        set(there.file, [...there.path, one.language], asWritten(one.texts));
      } else if (isMap(apart)) {
        if (!same(variantsOf(apart.to), one.texts)) set(file, ["texts", one.key, "to"], asWritten(one.texts));
        if (!same(variantsOf(apart.from), from)) set(file, ["texts", one.key, "from"], asWritten(from));
      } else if (apart !== undefined && same(from, source)) {
        set(file, ["texts", one.key], asWritten(one.texts));
      } else if (
        !same(from, source) ||
        (inside && same(this.in(one.key, one.language), one.texts)) ||
        (!inside && this.apartFile(one.language) !== undefined)
      ) {
        // Apart it can say what it was made from: the same words confirm a translation whose source changed.
        const value = { from: asWritten(from), to: asWritten(one.texts) };
        const texts = map(map(this.document(file)).texts);
        if (Object.keys(texts).length > 0) set(file, ["texts", one.key], value);
        else fresh.set(file, { ...fresh.get(file), [one.key]: value });
      } else if (isMap(there.value)) {
        set(there.file, [...there.path, one.language], asWritten(one.texts));
      } else {
        plain(there.file, there.path, there.value, one);
      }
    }
    for (const [at, value] of whole) {
      const [file, path] = JSON.parse(at) as [string, Path];
      set(file, path, Object.keys(value).length === 1 ? value[this.first] : value);
    }
    const next: Record<string, string> = {};
    for (const [file, values] of sets) next[file] = setValues(this.files[file] ?? "", values);
    for (const [file, path] of gone)
      next[file] = setValue(next[file] ?? this.files[file] ?? "", path, undefined);
    for (const [file, texts] of fresh) next[file] = begun(this.files[file] ?? "", texts);
    return next;
  }
}

export type State = Schemas["TranslationOut"]["state"];

/** How a translation is by now: the server knows it as it was saved last. */
export function stateNow(texts: Texts, text: Schemas["TextOut"], language: string, first: string): State {
  const known = text.translations[language];
  const here = texts.in(text.key, language);
  if (here.length === 0) return known?.state === "shared" ? "shared" : "missing";
  if (known && same(known.texts, here))
    return same(text.source, texts.in(text.key, first)) || known.state !== "translated"
      ? known.state
      : "stale";
  return "translated";
}

/** A file of translations that had none, with its comments. */
function begun(text: string, texts: Map_): string {
  const comments = /^(?:[ \t]*#.*\n|[ \t]*\n)*/.exec(text)?.[0] ?? "";
  const lines = Object.entries(texts).flatMap(([key, value]) => [
    `  ${JSON.stringify(key)}:`,
    ...Object.entries(map(value)).map(([name, each]) => `    ${name}: ${JSON.stringify(each)}`),
  ]);
  return `${comments}chatloom: texts/v1\ntexts:\n${lines.join("\n")}\n`;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : parse(text, { version: "1.2" });
  } catch {
    return undefined;
  }
}

const PLACEHOLDER = /\{\{[^}]*\}\}/g;
const QUOTED = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g;
const VALUE = /\b(data|contact|result|event|message|texts|item)\.\??([A-Za-z_]\w*)/g;

/** The expressions that a text inserts, as they are written. */
export function placeholdersOf(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => text.match(PLACEHOLDER) ?? []))];
}

/** The values that the source inserts and the translation does not, as flows/catalogue.py finds them. */
export function lackingIn(source: readonly string[], texts: readonly string[]): string[] {
  const has = inserted(texts);
  return [...inserted(source)].filter((name) => !has.has(name));
}

function inserted(texts: readonly string[]): Set<string> {
  const [first = new Set<string>(), ...others] = texts.map(
    (text) =>
      new Set(
        (text.match(PLACEHOLDER) ?? []).flatMap((each) =>
          [...each.replace(QUOTED, "").matchAll(VALUE)].map(([, name, field]) => `${name}.${field}`),
        ),
      ),
  );
  return new Set([...first].filter((name) => others.every((other) => other.has(name))));
}

export type Limit = { most: number; channel: string };

/** The tightest limit of the channels for what stands at a key; undefined: none says any. */
export function limitOf(
  key: string,
  channels: readonly { name: string; capabilities: Readonly<Record<string, unknown>> }[],
): Limit | undefined {
  const names = limitNames(key);
  const found = channels.flatMap(({ name, capabilities }) => {
    // Of several ways to show it the widest that the channel has.
    const most = Math.max(0, ...names.map((each) => Number(capabilities[each] ?? 0)));
    return most > 0 ? [{ most, channel: name }] : [];
  });
  return found.sort((one, other) => one.most - other.most)[0];
}

function limitNames(key: string): string[] {
  if (/^bot\/frames\/[^/]+\/header$/.test(key)) return ["header"];
  if (/^bot\/frames\/[^/]+\/footer$/.test(key)) return ["footer"];
  if (/\/choices\/.*\/description$/.test(key)) return ["list_description"];
  if (/\/choices\/.*\/section$/.test(key)) return ["section_title"];
  if (/\/choices\//.test(key)) return ["button_title", "list_title"];
  if (/\/ui:enumNames\//.test(key)) return ["button_title", "list_title"];
  if (/\/with\/open_label$/.test(key)) return ["list_open_label"];
  if (/\/with\/caption$/.test(key)) return ["caption"];
  if (/\/steps\/[^/]+\/with\/text/.test(key)) return ["text"];
  return [];
}

/** How long it is, as channels count, with nothing inserted. */
export function lengthOf(text: string): number {
  return text.replace(PLACEHOLDER, "").length;
}
