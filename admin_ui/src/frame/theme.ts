/** Light, dark, or as the system has it. */
import { useSyncExternalStore } from "react";
import { shelf } from "../shelf";

export type Theme = "system" | "light" | "dark";

const KEPT = "chatloom.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function theme(): Theme {
  const kept = shelf.get(KEPT);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function isDark(): boolean {
  return theme() === "dark" || (theme() === "system" && system.matches);
}

function apply(): void {
  document.documentElement.classList.toggle("dark", isDark());
  for (const listener of listeners) listener();
}

export function startTheme(): void {
  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", (event) => {
    if (event.key === KEPT) apply();
  });
}

export function setTheme(next: Theme): void {
  if (next === "system") shelf.drop(KEPT);
  else shelf.put(KEPT, next);
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, theme);
}

/** Whether it is dark now; for what draws by itself. */
export function useDark(): boolean {
  return useSyncExternalStore(subscribe, isDark);
}
