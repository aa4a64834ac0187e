/**
 * What a text says, and where. A flow whose steps stand in lines is read in parts: what stands around the steps, and
 * each step as a document of its own. A part that was read before is not read again, so that a change of one step costs
 * what that step costs.
 *
 * It says the same as the whole, because it is cut only before the dash of a step, at the column where all of them have
 * it, and where no other line begins: YAML has nothing that goes on there, and what is open (a quote, a bracket) makes
 * the part above a broken one. So the first step that is no YAML says where the text is none, near to what was typed; all
 * that reaches beyond a part (an alias, a directive, a second document) or is doubtful (tabs) is left to be read as a whole.
 */
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument, visit } from "yaml";

export type Path = (string | number)[];

/** A text that is read by itself. Nobody may change what it says: others get the same. `fault`: its line is its own. */
export type Part = { text: string; document: Document.Parsed; value: unknown; fault: Fault | undefined };
/** Why it cannot be read, and the line, counted from 1. */
export type Fault = { why: string; line: number };
/** A part in the whole text: what is at `from` in it, or behind that, stands there `shift` farther on. */
export type Placed = { part: Part; from: number; shift: number };
export type Reading = {
  fault: Fault | undefined;
  /** What it says; undefined where it cannot be read. */
  value: unknown;
  /** All of it, but for the steps where these are read alone. */
  main: Placed;
  /** Each under a `steps:` of its own; undefined: they are read with the others. */
  steps: readonly Placed[] | undefined;
};

const MOST_READ = 8;
const known = new Map<string, { reading: Reading; parts: ReadonlyMap<string, Part> }>();
const HEAD = "steps:\n";
const STEPS = /(?:^|\n)steps:(?: +#[^\n]*| *)\r?\n/;
const FIRST = /(?:[ ]*(?:#[^\n]*)?\r?\n)*( *)-(?=[ \r\n]|$)/y;
const BEHIND = /\n(?=[^ #\r\n])(?!-(?:[ \r\n]|$))/g;
const DOUBTFUL = /\t|\r(?!\n)|(?:^|\n)%|^\uFEFF/;
const ANOTHER = /\n(?:---|\.\.\.)/;

/** A keystroke asks for the text before it and the one behind it many times. */
export function read(text: string): Reading {
  let found = known.get(text);
  if (found === undefined) {
    const parts = new Map<string, Part>();
    found = { reading: inParts(text, parts) ?? whole(text), parts };
  }
  known.delete(text);
  known.set(text, found);
  for (const oldest of known.keys()) {
    if (known.size <= MOST_READ) break;
    known.delete(oldest);
  }
  return found.reading;
}

/** All of a text at once. */
export function whole(text: string): Reading {
  const part = alone(text);
  return { fault: part.fault, value: part.value, main: { part, from: 0, shift: 0 }, steps: undefined };
}

/** The part in which a value stands, and its path there. Undefined: in more than one. */
export function partOf(reading: Reading, path: Path): [Placed, Path] | undefined {
  const [key, place, ...rest] = path;
  if (reading.steps === undefined || key !== "steps") return [reading.main, path];
  const step = typeof place === "number" ? reading.steps[place] : undefined;
  return step && [step, ["steps", 0, ...rest]];
}

/** Where a place of a part lies in the text. */
export function outside({ from, shift }: Placed, at: number): number {
  return at < from ? at : at + shift;
}

/** Where each step begins: behind its dash, where it has one. */
export function stepStarts({ main, steps }: Reading): number[] {
  const starts = (placed: Placed) => {
    const nodes = placed.part.document.get("steps");
    return isSeq(nodes)
      ? nodes.items.map((item) => outside(placed, (item as Node | null)?.range?.[0] ?? 0))
      : [];
  };
  return steps ? steps.flatMap(starts) : starts(main);
}

function alone(text: string): Part {
  const document = parseDocument(text, { version: "1.2" });
  const [error] = document.errors;
  const broken = (why: string, line: number): Part => {
    const [says = ""] = why.split("\n", 1);
    const fault = { why: says.replace(/ at line \d+, column \d+:$/, ""), line };
    return { text, document, value: undefined, fault };
  };
  if (error) return broken(error.message, error.linePos?.[0].line ?? 1);
  try {
    return { text, document, value: document.toJS(), fault: undefined };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error; // an alias of nothing, or one that repeats too much
    let at = 0;
    visit(document, {
      Alias(_, alias) {
        at = alias.range?.[0] ?? 0;
        return alias.resolve(document) ? undefined : visit.BREAK;
      },
    });
    return broken(error.message, text.slice(0, at).split("\n").length);
  }
}

/** `parts`: gets what is read. Undefined: it may not say what the whole does. */
function inParts(text: string, parts: Map<string, Part>): Reading | undefined {
  const cut = cutsOf(text);
  if (cut === undefined) return undefined;
  const before = [...known.values()].map((each) => each.parts).reverse();
  const part = (own: string): Part => {
    const found = before.find((each) => each.has(own))?.get(own) ?? alone(own);
    parts.set(own, found);
    return found;
  };
  const { at, begin, column, starts, end } = cut;
  const head = `${text.slice(0, begin)}${" ".repeat(column)}-\n`;
  const main = part(head + text.slice(end));
  const steps = starts.map(
    (from, place): Placed => ({
      part: part(HEAD + text.slice(from, starts[place + 1] ?? end)),
      from: 0,
      shift: from - HEAD.length,
    }),
  );
  const all = { part: main, from: head.length, shift: end - head.length };
  if (!oneStep(main, at)) return undefined;
  const odd = steps.find((each) => !oneStep(each.part, 0));
  if (odd) {
    const fault = faultIn(text, odd);
    return fault && { fault, value: undefined, main: all, steps: undefined };
  }
  return {
    fault: undefined,
    value: {
      ...(main.value as object),
      steps: steps.map(({ part: { value } }) => (value as Steps).steps[0]),
    },
    main: all,
    steps,
  };
}

/** Why a step is no YAML, with the line in the whole text. Undefined: it is, and cannot be read alone. */
function faultIn(text: string, placed: Placed): Fault | undefined {
  const { fault, document, text: own } = placed.part;
  if (!fault || document.errors.length === 0) return undefined;
  const end = own.split("\n").slice(0, fault.line).join("\n").length; // what is left open is so where the part ends
  const at = outside(placed, Math.min(end, own.trimEnd().length));
  return { ...fault, line: text.slice(0, at).split("\n").length };
}

type Steps = { steps: unknown[] };

/** Where `steps` stands, the first line below it, the column of the dashes, where each step's lines begin and all end. */
function cutsOf(
  text: string,
): { at: number; begin: number; column: number; starts: number[]; end: number } | undefined {
  const line = STEPS.exec(text);
  if (!line || DOUBTFUL.test(text)) return undefined;
  const begin = line.index + line[0].length;
  const at = line[0].startsWith("\n") ? line.index + 1 : 0;
  FIRST.lastIndex = begin;
  const first = FIRST.exec(text);
  if (!first) return undefined;
  const column = first[1]?.length ?? 0;
  BEHIND.lastIndex = begin - 1;
  const behind = BEHIND.exec(text);
  const end = behind ? behind.index + 1 : text.length;
  if (!/^(?:\w[^\n]*:\s|$)/.test(text.slice(end))) return undefined; // a key that is being typed there is none yet
  const starts = [begin];
  const dash = new RegExp(`\\n {${column}}-(?=[ \\r\\n]|$)`, "g");
  dash.lastIndex = FIRST.lastIndex;
  for (let found = dash.exec(text); found && found.index < end; found = dash.exec(text))
    starts.push(found.index + 1);
  const astray = new RegExp(`\\n(?! {${column}}(?: |-[ \\r\\n]|-$)| *(?:#|\\r?\\n|$))`);
  if (astray.test(text.slice(begin - 1, end)) || ANOTHER.test(text.slice(begin - 1))) return undefined;
  return { at, begin, column, starts, end };
}

/** Whether it can be read, with one step in lines below the `steps` that stands at a place. */
function oneStep({ fault, document: { contents } }: Part, at: number): boolean {
  if (fault || !isMap(contents) || contents.flow) return false;
  const pair = contents.items.find(
    ({ key }) => isScalar(key) && key.value === "steps" && key.range?.[0] === at,
  );
  return isSeq(pair?.value) && !pair.value.flow && pair.value.items.length === 1;
}
