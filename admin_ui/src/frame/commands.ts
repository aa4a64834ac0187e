/** What the palette offers: a page adds its own commands while it is shown. */
import type { LucideIcon } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";

export type Command = { name: string; icon?: LucideIcon; run: () => void };

let offered: ReadonlyMap<symbol, Command[]> = new Map();
const listeners = new Set<() => void>();

function become(next: ReadonlyMap<symbol, Command[]>): void {
  offered = next;
  for (const listener of listeners) listener();
}

/** Offers `commands`, which must be the same array from one drawing to the next (`useMemo`). */
export function useCommands(commands: Command[]): void {
  useEffect(() => {
    const key = Symbol();
    become(new Map(offered).set(key, commands));
    return () => {
      const left = new Map(offered);
      left.delete(key);
      become(left);
    };
  }, [commands]);
}

export function useOffered(): Command[] {
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => offered,
  );
  return [...all.values()].flat();
}
