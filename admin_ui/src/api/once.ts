/**
 * What a person asks for is done once, however often he asks: an answer that was lost may have been a yes. A call with
 * `ONCE` for a header has the same Idempotency-Key each time that it is made again, until an act of his has succeeded;
 * what is asked for after that is meant anew.
 */
type Call = { key: string; flying: Promise<Response> | undefined };

const HEADER = "Idempotency-Key";
/** For POSTs that create or send; not for those that only look. */
export const ONCE = { [HEADER]: "once" };

const calls = new Map<string, Call>();

/** Sends a call; one of those above that is under way already is not sent again. */
export async function sendOnce(
  request: Request,
  send: (request: Request) => Promise<Response>,
): Promise<Response> {
  if (!request.headers.has(HEADER)) return send(request);
  const what = [request.url, request.headers.get("If-Match"), await request.clone().text()].join("\n");
  const call = calls.get(what) ?? { key: crypto.randomUUID(), flying: undefined };
  calls.set(what, call);
  request.headers.set(HEADER, call.key);
  call.flying ??= send(request).finally(() => {
    call.flying = undefined;
  });
  return (await call.flying).clone();
}

/** An act has succeeded. */
export function actDone(): void {
  for (const [what, { flying }] of calls) if (!flying) calls.delete(what);
}
