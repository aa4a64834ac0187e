import { EventSourceParserStream } from "eventsource-parser/stream";
import { authorized } from "./client";
import { problemOf } from "./problems";

/** One of a stream's events: `Events` is its shape in the API's description, the data by the events' names. */
export type Told<Events> = {
  [Name in keyof Events]-?: { event: Name; data: NonNullable<Events[Name]>; id: string | undefined };
}[keyof Events];

/** What a call tells by server-sent events, one after another. Raises a `Problem`. */
export async function* told<Events>(path: string, init: RequestInit): AsyncGenerator<Told<Events>> {
  const answer = await authorized(path, init);
  if (!answer.ok || answer.body === null) throw await problemOf(answer);
  yield* read<Events>(answer.body);
}

/** The server-sent events of a stream, as they come. */
export async function* read<Events>(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Told<Events>> {
  const reader = bytes
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const { event, data, id } = value;
    yield { event, data: JSON.parse(data), id } as unknown as Told<Events>;
  }
}
