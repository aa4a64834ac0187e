import { useEffect, useEffectEvent } from "react";
import type { Draft } from "../../studio/draft";

/** Keys that are the whole studio's. `onSeek`: words are to be looked for in all files. */
export function useShortcuts(draft: Draft, onSeek: (words: string) => void): void {
  const seek = useEffectEvent(onSeek);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select");
      if (key === "s") {
        event.preventDefault();
        void draft.flush();
      } else if (key === "f" && (event.shiftKey || !inText(event.target))) {
        event.preventDefault();
        seek(selected());
      } else if (key === "z" && !typing) {
        event.preventDefault();
        if (event.shiftKey) draft.redo();
        else draft.undo();
      } else if (key === "y" && !typing) {
        event.preventDefault();
        draft.redo();
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [draft]);
}

/** The text looks for words in itself. */
function inText(at: EventTarget | null): boolean {
  return at instanceof HTMLElement && at.closest(".cm-editor") !== null;
}

/** What is selected, where it could be looked for. */
function selected(): string {
  const words = window.getSelection()?.toString() ?? "";
  return words.includes("\n") ? "" : words.trim();
}
