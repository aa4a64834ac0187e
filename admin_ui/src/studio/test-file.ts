/** A talk in the simulator as a conversation test: what was said to the bot, and what it answered. */
import { stringify } from "yaml";
import type { Schemas } from "../api/client";

type Begun = { flow: string; step: string; data: Record<string, unknown> };
type Played = { line: Record<string, unknown>; happened: Schemas["HappenedOut"] | undefined };

export function testOf(
  played: Played[],
  path: string,
  contact: Record<string, unknown>,
  channel: string,
  at: Date | undefined,
  ended: Schemas["EndOut"] | null,
): string {
  const begun = played[0]?.line.begin as Begun | undefined;
  const talk = played.flatMap(({ line, happened }) => [
    ...("begin" in line ? [] : [line]),
    ...(happened?.said ?? []).flatMap(({ body, text }) => {
      const words = typeof body.text === "string" ? body.text : text;
      return words === "" ? [] : [{ bot: { contains: words.split("\n", 1)[0] } }];
    }),
  ]);
  const test = {
    test: path
      .replace(/^tests\//, "")
      .replace(/\.yaml$/, "")
      .replaceAll("-", " "),
    ...(at ? { at: at.toISOString().replace(".000Z", "Z") } : {}),
    contact,
    ...(channel === "simulator" ? {} : { channel }),
    ...(begun ? { begin: beginning(begun) } : {}),
    talk,
    ...(ended ? { expect: { ended: ended.flow } } : {}),
  };
  return stringify(test, { lineWidth: 0 });
}

function beginning({ flow, step, data }: Begun): Partial<Begun> {
  return {
    flow,
    ...(step === "" ? {} : { step }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}

/** A name for a talk that is saved as a test, which no file has yet. */
export function freePath(files: Readonly<Record<string, string>>): string {
  for (let count = 1; ; count += 1) {
    const path = `tests/talk-${count}.yaml`;
    if (!(path in files)) return path;
  }
}
