/**
 * Who is signed in here. The access token lives in memory only; what renews it is a cookie that scripts cannot
 * read (admin_api/routes/sign_in.py). Several tabs share that cookie, so they renew one after another.
 */
import { useSyncExternalStore } from "react";
import { shelf } from "../shelf";
import { Problem, problemOf } from "./problems";
import type { components } from "./schema";

export type User = components["schemas"]["UserOut"];
export type Role = User["role"];
type SignedIn = components["schemas"]["SignedIn"];

/** `over`: somebody was signed in, and is not any more; the page that was open stays. */
export type Session =
  | { state: "unknown" }
  | { state: "out" }
  | { state: "over"; user: User }
  | { state: "in"; user: User };

const BASE = "/api/v1/sign-in";
const EARLY_MS = 30_000;
const KNOWN = "chatloom.signed-in"; // whether asking for a token is worth a try
const ROLES: Role[] = ["viewer", "agent", "editor", "admin"];

let session: Session = { state: "unknown" };
let token = "";
let tokenEnds = 0;
let renewing: Promise<string> | undefined;
const listeners = new Set<() => void>();

function become(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function admit(given: SignedIn): void {
  token = given.access_token;
  tokenEnds = Date.now() + given.expires_in * 1000;
  shelf.put(KNOWN, given.user.id);
  become({ state: "in", user: given.user });
}

async function post(path: string, body?: unknown, method = "POST"): Promise<Response> {
  let answer: Response;
  const offline = !navigator.onLine;
  try {
    answer = await fetch(path, {
      method,
      headers: { "Content-Type": "application/json", "X-Chatloom": "1" },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch (error) {
    throw Problem.unreachable(error, offline);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

/** Raises a `Problem`: `sign_in.code_needed` where the account also takes a code. */
export async function signIn(email: string, password: string, code: string): Promise<void> {
  admit(await (await post(BASE, { email, password, code })).json());
}

/** What the one-time link of the first admin gives. */
export async function becomeFirstAdmin(body: components["schemas"]["FirstAdminIn"]): Promise<void> {
  admit(await (await post("/api/v1/first-admin", body)).json());
}

export async function signOut(): Promise<void> {
  await post(BASE, undefined, "DELETE");
  forget();
  become({ state: "out" });
}

function forget(): void {
  token = "";
  tokenEnds = 0;
  shelf.drop(KNOWN);
}

/** A token that counts for a while yet; "" where nobody is signed in. Raises a `Problem` where nobody answers. */
export async function accessToken(anew = false): Promise<string> {
  if (!anew && Date.now() < tokenEnds - EARLY_MS) return token;
  if (session.state === "out" || session.state === "over") return "";
  renewing ??= renew().finally(() => {
    renewing = undefined;
  });
  return renewing;
}

async function renew(): Promise<string> {
  if (session.state === "unknown" && shelf.get(KNOWN) === null && shelf.keeps()) {
    become({ state: "out" });
    return "";
  }
  try {
    const answer = await navigator.locks.request("chatloom.refresh", () => post(`${BASE}/refresh`));
    const given: SignedIn = await answer.json();
    if (session.state === "in" && session.user.id !== given.user.id) location.assign("/");
    admit(given);
    return token;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    forget();
    become(session.state === "in" ? { state: "over", user: session.user } : { state: "out" });
    return "";
  }
}

/** Once it is known whether somebody is signed in. */
export async function settled(): Promise<Session> {
  if (session.state === "unknown") await accessToken();
  return session;
}

/** One's own name or second factor has changed. */
export function meChanged(user: User): void {
  if (session.state === "in") become({ state: "in", user });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, () => session);
}

/** Who is signed in. Only inside the frame, which shows nothing else. */
export function useMe(): User {
  const now = useSession();
  if (now.state !== "in" && now.state !== "over") throw new Error("nobody is signed in");
  return now.user;
}

export function includes(have: Role, needs: Role): boolean {
  return ROLES.indexOf(have) >= ROLES.indexOf(needs);
}

/** Whether who is signed in may do what takes this role. */
export function useMay(needs: Role): boolean {
  return includes(useMe().role, needs);
}
