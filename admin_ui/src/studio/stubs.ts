/** `stubs.yaml`: what calls are answered with in tests and in simulated talks. */
import { stringify } from "yaml";
import type { Schemas } from "../api/client";
import { Problem } from "../api/problems";
import type { Files } from "./draft";
import { read } from "./reading";
import { record, setValue } from "./splice";

export const STUBS = "stubs.yaml";
export const MOST_KEPT = 64_000; // characters of an answer: the file is read whole, by people too
const MOST_IN_A_ROW = 20; // a flow that calls again and again is left there

type Line = Record<string, unknown>;
type Simulated = Schemas["SimulatedOut"];
type Waiting = { step: string; action: string };
export type Stub = Record<string, unknown>;

/** The step whose call a line of a talk answers, and with what: status and body, no headers. */
export function answerIn(line: Line): { step: string; stub: Stub } | undefined {
  const { step, fails, returns, outcome, data } = record(line.webhook ?? line.action);
  if (typeof step !== "string") return undefined;
  if (fails !== undefined) return { step, stub: { fails } };
  if (line.action !== undefined) return { step, stub: { outcome, data } };
  const { status = 200, json = null, text } = record(returns);
  return { step, stub: { returns: json === null && text ? { status, text } : { status, json } } };
}

/** The stub of a call, when so many calls of its step were answered before. */
export function stubFor(files: Files, call: Waiting, before = 0): Stub | undefined {
  const stubs = record(record(read(files[STUBS] ?? "").value).stubs);
  const name = [call.step, call.step.slice(call.step.indexOf(".") + 1), call.action].find(
    (each) => each !== "" && each in stubs,
  );
  const found = name === undefined ? undefined : stubs[name];
  const one = Array.isArray(found) ? found[Math.min(before, found.length - 1)] : found;
  return one === undefined ? undefined : record(one);
}

/** A stub as lines of a talk: the time that it takes, and the answer. */
export function linesOf({ step, action }: Waiting, { after, ...answer }: Stub): Line[] {
  return [...(after ? [{ after }] : []), { [action === "" ? "webhook" : "action"]: { step, ...answer } }];
}

/** Whether next talks and tests give this answer already. */
export function isKept(files: Files, step: string, stub: Stub): boolean {
  const { after, ...kept } = stubFor(files, { step, action: "" }) ?? {};
  return JSON.stringify(kept) === JSON.stringify(stub);
}

/** `stubs.yaml` with this answer to the calls of a step. Raises `SpliceRefused`. */
export function keeping(files: Files, step: string, stub: Stub): string {
  const text = files[STUBS] ?? "";
  if (text.trim() === "")
    return stringify({ chatloom: "stubs/v1", stubs: { [step]: stub } }, { lineWidth: 0 });
  return setValue(text, ["stubs", step], stub);
}

/** Calls that have a stub are answered by it, until none waits that has one. `said`: the lines that led here. */
export async function answerByStubs(
  files: Files,
  first: Simulated,
  said: Line[],
  ask: (events: Line[], state: string) => Promise<Simulated>,
): Promise<{ out: Simulated; more: Line[] }> {
  const more: Line[] = [];
  const events = [...first.events];
  let out = first;
  for (let count = 0; count < MOST_IN_A_ROW; count += 1) {
    const answered = [...said, ...more].map((line) => answerIn(line)?.step);
    const [lines] = out.calls.flatMap((call) => {
      const stub = stubFor(files, call, answered.filter((step) => step === call.step).length);
      return stub ? [linesOf(call, stub)] : [];
    });
    if (!lines) break;
    try {
      out = await ask(lines, out.state);
    } catch (error) {
      // The step waits no longer by the time that the stub takes, or the bot has changed: the author says what comes.
      if (error instanceof Problem && error.code.startsWith("simulation.")) break;
      throw error;
    }
    more.push(...lines);
    events.push(...out.events);
  }
  return { out: { ...out, began: first.began, events }, more };
}
