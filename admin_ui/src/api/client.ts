/** The API, typed by its own description. A call that fails raises a `Problem`. */
import createClient from "openapi-fetch";
import { sendOnce } from "./once";
import { Problem, problemOf } from "./problems";
import type { components, paths } from "./schema";
import { accessToken } from "./session";

export type Schemas = components["schemas"];

/** With the access token; one that has ended meanwhile is renewed, and the call made once more. */
async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await reach(request, await accessToken());
  if (answer.status !== 401) return answer;
  const anew = await accessToken(true);
  return anew === "" ? answer : reach(again, anew);
}

async function reach(request: Request, token: string): Promise<Response> {
  if (token !== "") request.headers.set("Authorization", `Bearer ${token}`);
  request.headers.set("Accept-Language", document.documentElement.lang);
  const offline = !navigator.onLine;
  try {
    return await fetch(request);
  } catch (error) {
    throw Problem.unreachable(error, offline);
  }
}

/** For what the typed client cannot say: streams, files. `path` begins with /api/. */
export function authorized(path: string, init?: RequestInit): Promise<Response> {
  return send(new Request(new URL(path, location.href), init));
}

export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) => sendOnce(request, send),
});

type Answer<T> = { data?: T; error?: unknown; response: Response };

/**
 * What a call gives: `await given(api.GET("/api/v1/numbers", { signal }))`. Raises a `Problem`.
 */
export async function given<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await tagged(call)).data;
}

/** The same, with the ETag that a later change has to name as `If-Match`. */
export async function tagged<T>(call: Promise<Answer<T>>): Promise<{ data: T; etag: string }> {
  const { data, error, response } = await call;
  if (!response.ok) {
    if (typeof error === "object" && error !== null && "code" in error)
      throw new Problem(
        error as ConstructorParameters<typeof Problem>[0],
        Number(response.headers.get("Retry-After")) || undefined,
      );
    throw await problemOf(response);
  }
  return { data: data as T, etag: response.headers.get("ETag") ?? "" };
}
