/** The title of the page that is shown: for the window, and for the top of the frame. */
import { useEffect, useSyncExternalStore } from "react";

let title = "";
const listeners = new Set<() => void>();

function become(next: string): void {
  title = next;
  document.title = next === "" ? "Chatloom" : `${next} · Chatloom`;
  for (const listener of listeners) listener();
}

export function useTitle(next: string): void {
  useEffect(() => {
    become(next);
  }, [next]);
}

export function useTitleShown(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => title,
  );
}
