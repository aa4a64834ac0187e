/**
 * What this browser keeps for a person. One whose room is used up or blocked throws at any touch of its storage: what
 * is put then lasts until the page is left; `put` says so, and so does the frame.
 */
const listeners = new Set<() => void>();
let lacking = 0; // how much does not outlast the page

function shelfIn(storage: () => Storage) {
  const unkept = new Map<string, string>();
  const changed = (change: () => void) => {
    const before = unkept.size;
    change();
    lacking += unkept.size - before;
    if (unkept.size !== before) for (const each of listeners) each();
  };
  return {
    get(name: string): string | null {
      try {
        return unkept.get(name) ?? storage().getItem(name);
      } catch {
        return null; // blocked: nothing was kept
      }
    },
    /** False: it does not outlast the page. */
    put(name: string, text: string): boolean {
      try {
        storage().setItem(name, text);
        changed(() => unkept.delete(name));
        return true;
      } catch {
        changed(() => unkept.set(name, text));
        return false;
      }
    },
    drop(name: string): void {
      changed(() => unkept.delete(name));
      try {
        storage().removeItem(name);
      } catch {
        // blocked: there is nothing to take out
      }
    },
    /** The names of all that outlasts the page. */
    names(): string[] {
      try {
        return Object.keys(storage());
      } catch {
        return [];
      }
    },
    /** Whether something new would outlast the page. */
    keeps(): boolean {
      try {
        storage().setItem("chatloom.trial", "");
        storage().removeItem("chatloom.trial");
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** For all pages of this browser. */
export const shelf = shelfIn(() => localStorage);
/** For this tab. */
export const tabShelf = shelfIn(() => sessionStorage);

/** Something is put that does not outlast the page. */
export function isLacking(): boolean {
  return lacking > 0;
}

export function watchShelves(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
