/** Two people changed one step: fields that only one of them changed go together, one that both changed is told. */
import { stringify } from "yaml";
import { readStep } from "./flow-text";
import { differences } from "./form-schema";
import { SpliceRefused, setValue } from "./splice";

/** A field that both changed: its path in the step, and what each made of it. */
export type Field = { field: string; mine: string; theirs: string };
type Change = [string[], unknown];

const HEAD = "steps:\n"; // a step's lines are a document of their own below it

/**
 * Each is the step's whole lines. The changes of the one that is nothing but changed values are spliced into the other,
 * so that comments and layout stay. Undefined: neither is, or a splice would touch more than it should.
 */
export function mergeStep(
  base: string,
  mine: string,
  theirs: string,
  prefer: "mine" | "theirs",
): { text: string; twice: Field[] } | undefined {
  const [was, here, there] = [base, mine, theirs].map((text) => readStep(HEAD + text));
  if (!was || !here || !there) return undefined;
  const [own, other] = [differences(was, here), differences(was, there)];
  const twice = own.flatMap((one) =>
    other.filter((each) => touch(one, each) && !alike(one, each)).map((each) => told(one, each)),
  );
  try {
    const against = (changes: Change[], others: Change[], stands: boolean) =>
      changes.filter((one) => stands || !others.some((each) => touch(one, each) && !alike(one, each)));
    if (spliced(base, own) === mine)
      return { text: spliced(theirs, against(own, other, prefer === "mine")), twice };
    if (spliced(base, other) === theirs)
      return { text: spliced(mine, against(other, own, prefer === "theirs")), twice };
  } catch (error) {
    if (!(error instanceof SpliceRefused)) throw error;
  }
  return undefined;
}

function spliced(text: string, changes: Change[]): string {
  return changes
    .reduce((all, [at, value]) => setValue(all, ["steps", 0, ...at], value), HEAD + text)
    .slice(HEAD.length);
}

/** One is, or is part of, the other. */
function touch([one]: Change, [other]: Change): boolean {
  return one.slice(0, other.length).join("\n") === other.slice(0, one.length).join("\n");
}

function alike([at, one]: Change, [place, other]: Change): boolean {
  return at.length === place.length && JSON.stringify(one) === JSON.stringify(other);
}

function told([at, mine]: Change, [place, theirs]: Change): Field {
  const field = (at.length < place.length ? at : place).join(".");
  return { field, mine: shown(mine), theirs: shown(theirs) };
}

function shown(value: unknown): string {
  return value === undefined ? "" : typeof value === "string" ? value : stringify(value).trimEnd();
}
