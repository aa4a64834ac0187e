/** The word by which Meta checks a new webhook. We choose it; the server never shows it again, so it is kept in this tab. */
import { tabShelf } from "../../../shelf";

const KEPT = "chatloom.verify-token.";

export function verifyToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

export function keepToken(app: string, token: string): void {
  tabShelf.put(KEPT + app, token);
}

/** Those that were made in this tab, by app. */
export function keptToken(app: string): string | undefined {
  return tabShelf.get(KEPT + app) ?? undefined;
}
