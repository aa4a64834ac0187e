/** What can be written at a place of a draft, as the server knows it (admin_api/routes/draft_completions.py). */
import { api, given, type Schemas } from "../api/client";
import { Problem } from "../api/problems";
import { cutAt } from "./cut";
import type { Path } from "./reading";

export type Offers = Schemas["CompletionOut"];
export type Offer = Offers["items"][number];

export const MOST = 200; // the server gives no more
const NOTHING: Offers = { part: "", items: [] };

/** `line` and `column` count from 1, the column in UTF-16 units. Nothing while the server is away. */
export async function offers(
  bot: string,
  file: string,
  text: string,
  line: number,
  column: number,
  signal: AbortSignal,
): Promise<Offers> {
  const before = (text.split("\n")[line - 1] ?? "").slice(0, column - 1);
  try {
    return await given(
      api.POST("/api/v1/bots/{name}/draft/complete", {
        params: { path: { name: bot } },
        body: { file, text, line, column: [...before].length + 1 },
        signal,
      }),
    );
  } catch (error) {
    if (signal.aborted || error instanceof Problem) return NOTHING;
    throw error;
  }
}

/** The same for a value that a form shows, `before` its cursor. */
export async function offersIn(
  bot: string,
  file: string,
  text: string,
  at: Path,
  before: string,
  signal: AbortSignal,
): Promise<Offers> {
  const cut = cutAt(text, at, before);
  if (cut === undefined) return NOTHING;
  const lines = cut.text.slice(0, cut.offset).split("\n");
  return offers(bot, file, cut.text, lines.length, (lines.at(-1) ?? "").length + 1, signal);
}
