import type { Schemas } from "../../api/client";
import { type Flow, stepAt } from "../../studio/flow-text";

/** The worst that the checker says of each step: by the line on which it begins. */
export function faultsOf(
  flow: Flow,
  diagnostics: Schemas["DiagnosticOut"][],
): Map<string, "error" | "warning"> {
  const found = new Map<string, "error" | "warning">();
  for (const one of diagnostics) {
    const step = stepAt(flow, one.line);
    if (step && found.get(step.id) !== "error") found.set(step.id, one.severity);
  }
  return found;
}

/** What the checker says of one step. */
export function faultsAt(
  flow: Flow,
  id: string,
  diagnostics: Schemas["DiagnosticOut"][],
): Schemas["DiagnosticOut"][] {
  return diagnostics.filter((one) => stepAt(flow, one.line)?.id === id);
}
