/** What is typed over what the server has, field by field. Pure. */

/** Fields that were touched: what they hold, and what the server had when they were. */
export type Mine<T> = { [K in keyof T]?: { is: T[K] | undefined; was: T[K] | undefined } };

type Fields = Record<string, unknown>;

/** Whether two values are the same as JSON. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
}

function ordered(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(pairs.map(([name, each]) => [name, ordered(each)]));
}

/** What the fields show: the person's where he touched them, else the server's. What is emptied is left out. */
export function valuesOf<T extends Fields>(server: T, mine: Mine<T>): T {
  const values: Fields = { ...server };
  for (const [name, field] of Object.entries(mine)) {
    if (field?.is === undefined) delete values[name];
    else values[name] = field.is;
  }
  return values as T;
}

/** After some fields are typed in: one that is as the server has it again is not touched any more. */
export function touched<T extends Fields>(mine: Mine<T>, server: T, some: Partial<T>): Mine<T> {
  const next: Mine<Fields> = { ...mine };
  for (const [name, is] of Object.entries(some)) {
    if (isSame(is, server[name])) delete next[name];
    else next[name] = { is, was: next[name] ? next[name].was : server[name] };
  }
  return next as Mine<T>;
}

/** After some fields are given back to the server. */
export function untouched<T>(mine: Mine<T>, names: (keyof T)[]): Mine<T> {
  const next = { ...mine };
  for (const name of names) delete next[name];
  return next;
}

/** After what was `sent` is saved: what was typed since is still to be saved, over what was sent. */
export function unsent<T>(mine: Mine<T>, sent: Mine<T>): Mine<T> {
  const next: Mine<T> = {};
  for (const name of Object.keys(mine) as (keyof T)[]) {
    const [now, then] = [mine[name], sent[name]];
    if (now && !(then && isSame(now.is, then.is))) next[name] = then ? { is: now.is, was: then.is } : now;
  }
  return next;
}

/** What of `next` is otherwise than in `before`. */
export function changed<T extends Fields>(before: Fields, next: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(next).filter(([name, value]) => !isSame(value, before[name])),
  ) as Partial<T>;
}

/** Fields that were touched and changed on the server since, otherwise: what the server has. */
export function meanwhile<T extends Fields>(mine: Mine<T>, server: T): Partial<T> {
  const found: Fields = {};
  for (const [name, field] of Object.entries(mine))
    if (field && !isSame(field.was, server[name]) && !isSame(field.is, server[name]))
      found[name] = server[name];
  return found as Partial<T>;
}

/** As it is kept; undefined: there is nothing to keep. */
export function written<T>(mine: Mine<T>, secret: string[]): string | undefined {
  const fields = Object.entries(mine).filter(([name]) => !secret.includes(name));
  return fields.length === 0 ? undefined : JSON.stringify(Object.fromEntries(fields));
}

/** What was kept; what cannot be read is nothing. */
export function read<T>(text: string | null): Mine<T> {
  try {
    const found: unknown = JSON.parse(text ?? "null");
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Mine<T>) : {};
  } catch {
    return {};
  }
}
