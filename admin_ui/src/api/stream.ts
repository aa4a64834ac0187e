import { type EventSourceMessage, EventSourceParserStream } from "eventsource-parser/stream";
import { authorized } from "./client";
import { problemOf } from "./problems";

/** What a call tells by server-sent events, one after another. Raises a `Problem`. */
export async function* told(path: string, init: RequestInit): AsyncGenerator<EventSourceMessage> {
  const answer = await authorized(path, init);
  if (!answer.ok || answer.body === null) throw await problemOf(answer);
  yield* events(answer.body);
}

/** The server-sent events in bytes, as they come. */
export async function* events(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<EventSourceMessage> {
  const reader = bytes
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
