/** Parts of the page that are fetched when they are needed. One may not come: no net, or the server has a newer build. */
import { lazyRouteComponent } from "@tanstack/react-router";
import { Problem } from "../api/problems";
import { tabShelf } from "../shelf";

const KEPT = "chatloom.reloaded";
const AGAIN_MS = 10_000;
const lost = new WeakSet<object>();

/** Where the server is there and a part is not, its build is newer: the page begins anew, but not without end. */
export function watchParts(): void {
  window.addEventListener("vite:preloadError", async ({ payload }) => {
    lost.add(payload);
    if (Date.now() - Number(tabShelf.get(KEPT) ?? 0) < AGAIN_MS) return;
    const there = await fetch(location.href, { cache: "no-store" }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (there && tabShelf.put(KEPT, String(Date.now()))) location.reload();
  });
}

/** A page in a file of its own. The router would begin anew at once where it does not come, also without a net. */
export function page<T extends Record<string, unknown>, Name extends keyof T>(
  importer: () => Promise<T>,
  name: Name,
) {
  return lazyRouteComponent(
    () =>
      importer().catch((error: unknown) => {
        const problem = Problem.unreachable(error, false);
        lost.add(problem);
        throw problem;
      }),
    name,
  );
}

/** Whether this is a part that did not come. The browser asks for it again only on a new page. */
export function isLostPart(error: unknown): boolean {
  return typeof error === "object" && error !== null && lost.has(error);
}
