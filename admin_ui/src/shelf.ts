/**
 * What this browser keeps for a person. One whose room is used up or blocked throws at any touch of its storage: what
 * is put then lasts until the page is left, and `put` says so.
 */
function shelfIn(storage: () => Storage) {
  const unkept = new Map<string, string>();
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
        unkept.delete(name);
        return true;
      } catch {
        unkept.set(name, text);
        return false;
      }
    },
    drop(name: string): void {
      unkept.delete(name);
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
      const kept = this.put("chatloom.trial", "");
      this.drop("chatloom.trial");
      return kept;
    },
  };
}

/** For all pages of this browser. */
export const shelf = shelfIn(() => localStorage);
/** For this tab. */
export const tabShelf = shelfIn(() => sessionStorage);
