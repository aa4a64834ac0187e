import { useMemo, useRef } from "react";

/**
 * What was made anew and is alike is what was there before, each by its key, and the list where all of it is: nothing
 * is drawn again for it.
 */
export function useUnchanged<T>(
  made: T[],
  key: (one: T) => string,
  same: (one: T, other: T) => boolean,
): T[] {
  const last = useRef<T[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: how they are compared does not change
  const kept = useMemo(() => unchanged(last.current, made, key, same), [made]);
  last.current = kept;
  return kept;
}

export function unchanged<T>(
  before: T[],
  made: T[],
  key: (one: T) => string,
  same: (one: T, other: T) => boolean,
): T[] {
  const known = new Map(before.map((one) => [key(one), one]));
  const kept = made.map((one) => {
    const was = known.get(key(one));
    return was !== undefined && same(was, one) ? was : one;
  });
  const all = kept.length === before.length && kept.every((one, place) => one === before[place]);
  return all ? before : kept;
}
