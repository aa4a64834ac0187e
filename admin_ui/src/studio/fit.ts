/**
 * What a channel can show of what a bot wants to say, as flows/fit.py has it, with what differs from what was written.
 * JavaScript counts in UTF-16 units, as it does; what an expression inserts is not known, and counts as nothing.
 */
import type { Content } from "../chat/content";
import { lengthOf } from "./texts";

/** A channel's limits, by name: schemas/capabilities.py. */
export type Limits = Readonly<Record<string, unknown>>;
export type Option = { id: string; title: string; description: string; section: string };
/** Why something is not shown as it was written, and how it is then; in words in locales/…/preview.json. */
export type Note = {
  why:
    | "no_choices"
    | "many"
    | "described"
    | "button"
    | "button_text"
    | "row"
    | "description"
    | "section"
    | "list_text"
    | "open_label"
    | "rows"
    | "long"
    | "framed"
    | "no_link"
    | "link"
    | "caption"
    | "no_reaction"
    | "no_template";
  how?: "list" | "numbers" | "address" | "text" | "undelivered";
  most?: number;
  count?: number;
  words?: string;
};
export type Fitted = { said: Content[]; notes: Note[] };

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

/** A text in pieces that the channel takes. */
export function fitText(text: string, limits: Limits): Fitted {
  if (text === "") return { said: [], notes: [] };
  const most = number(limits.text);
  const pieces: string[] = [];
  let rest = text;
  while (most > 0 && lengthOf(rest) > most) {
    const head = headOf(rest, most);
    if (head.trim() !== "") pieces.push(head.trimEnd());
    rest = rest.slice(head.length).trimStart();
  }
  if (rest !== "") pieces.push(rest);
  return {
    said: pieces.map((piece) => ({ kind: "text", text: piece })),
    notes: pieces.length > 1 ? [{ why: "long", most, count: pieces.length }] : [],
  };
}

/** The longest good beginning of a text within a limit. */
function headOf(text: string, limit: number): string {
  const head = text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, "") || text.slice(0, 2);
  for (const mark of ["\n\n", "\n", ". ", " "]) {
    const cut = head.lastIndexOf(mark);
    if (cut > head.length / 2) return head.slice(0, cut + mark.length);
  }
  return head;
}

/** A menu as buttons, a list or numbered text, whichever the channel holds. `more`: the row that opens the next page. */
export function fitMenu(
  words: string,
  options: readonly Option[],
  limits: Limits,
  { how = "auto", label, more }: { how?: string; label: string; more: string },
): Fitted {
  const notes: Note[] = [];
  const most = (name: string) => number(limits[name]);
  const over = (why: Note["why"], limit: string, texts: readonly string[]): Note[] =>
    texts
      .filter((text) => lengthOf(text) > most(limit))
      .slice(0, 1)
      .map((text) => ({ why, most: most(limit), count: lengthOf(text), words: text }));
  const titles = options.map((each) => each.title);
  const none = most("buttons") === 0 && most("list_rows") < 2;
  if (none && how !== "text") notes.push({ why: "no_choices" });
  if (how === "auto" || how === "buttons") {
    const described = options.some((each) => each.description !== "");
    const faults: Note[] =
      options.length > most("buttons")
        ? [{ why: "many", most: most("buttons"), count: options.length }]
        : [...over("button", "button_title", titles), ...over("button_text", "button_text", [words])];
    if (options.length > 0 && faults.length === 0 && !described)
      return { said: [{ kind: "buttons", text: words, buttons: options }], notes };
    if (most("buttons") > 0 && (how === "buttons" || !described))
      notes.push(...(described ? [{ why: "described" as const }] : faults.slice(0, 1)));
  }
  if (how !== "text" && most("list_rows") > 1 && options.length > 0) {
    const faults = [
      ...over("list_text", "list_text", [words]),
      ...over("open_label", "list_open_label", [label]),
      ...over("row", "list_title", titles),
      ...over(
        "description",
        "list_description",
        options.map((each) => each.description),
      ),
      ...over(
        "section",
        "section_title",
        options.map((each) => each.section),
      ),
    ];
    if (faults.length === 0) {
      if (how !== "list") as(notes, "list");
      return listed(words, options, most("list_rows"), label, more, notes);
    }
    notes.push(...faults.slice(0, 1));
  }
  if (how !== "text" && options.length > 0) as(notes, "numbers");
  const lines = options.map(
    (each, place) => `${place + 1}. ${each.title}${each.description === "" ? "" : ` – ${each.description}`}`,
  );
  const text = lines.length === 0 ? words : [...(words ? [words, ""] : []), ...lines].join("\n");
  const fitted = fitText(text, limits);
  return { said: fitted.said, notes: [...notes, ...fitted.notes] };
}

/** The last of the reasons says what it leads to. */
function as(notes: Note[], how: Note["how"]): void {
  const last = notes.at(-1);
  if (last && how) last.how = how;
}

/** Its first page. */
function listed(
  words: string,
  options: readonly Option[],
  rows: number,
  label: string,
  more: string,
  notes: Note[],
): Fitted {
  let shown = options;
  if (options.length > rows) {
    const first = options.slice(0, rows - 1);
    shown = [...first, { id: "", title: more, description: "", section: first.at(-1)?.section ?? "" }];
    notes.push({ why: "rows", most: rows, count: rows - 1, words: more });
  }
  const sections = [...new Set(shown.map((each) => each.section))].map((title) => ({
    title,
    rows: shown.filter((each) => each.section === title),
  }));
  return { said: [{ kind: "list", text: words, open_label: label, sections }], notes };
}

/** Between a header and a footer: in their own places, else as lines of the text. */
export function fitFrame({ said, notes }: Fitted, header: string, footer: string, limits: Limits): Fitted {
  const [first] = said;
  if (said.length === 1 && first && first.kind !== "text") {
    const long = [
      { words: header, most: number(limits.header) },
      { words: footer, most: number(limits.footer) },
    ].find(({ words, most }) => lengthOf(words) > most);
    if (!long) return { said: [{ ...first, header, footer }], notes };
    const around = [fitText(header, limits), fitText(footer, limits)];
    return {
      said: [...(around[0]?.said ?? []), first, ...(around[1]?.said ?? [])],
      notes: [...notes, { why: "framed", ...long, count: lengthOf(long.words) }],
    };
  }
  const text = [header, ...said.map((each) => String(each.text ?? "")), footer].filter((each) => each !== "");
  const whole = fitText(text.join("\n\n"), limits);
  return { said: whole.said, notes: [...notes.filter(({ why }) => why !== "long"), ...whole.notes] };
}
