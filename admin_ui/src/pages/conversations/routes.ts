import { createRoute } from "@tanstack/react-router";
import { page } from "../../frame/parts";
import { frame } from "../../frame/route";
import { words } from "../../words";

const STATUSES = ["running", "handed_off", "idle", "mine", "failed"] as const;
/** What the list is narrowed to: how conversations stand, those that are mine to answer, or where something did not arrive. */
export type Status = (typeof STATUSES)[number];

/**
 * `number`: whose conversations, left out: of all numbers; `open`: the one that is read, `of`: its number, where `number` does
 * not say; `at`: the message at which it is opened; `q`: what is looked for; `trace`, `details`: what is shown beside it.
 */
export type Shown = {
  number?: string;
  status?: Status;
  open?: string;
  of?: string;
  at?: string;
  q?: string;
  trace?: true;
  details?: true;
};

const text = (given: unknown): given is string => typeof given === "string" && given !== "";
/** What looks like a number in the address is one: words may be digits. */
const asText = (given: unknown) =>
  typeof given === "string" || typeof given === "number" ? String(given) : "";

export const conversationsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/conversations",
    validateSearch: (given: Record<string, unknown>): Shown => ({
      ...(text(given.number) ? { number: given.number } : {}),
      ...(STATUSES.includes(given.status as Status) ? { status: given.status as Status } : {}),
      ...(text(given.open) ? { open: given.open } : {}),
      ...(text(given.of) ? { of: given.of } : {}),
      ...(text(given.at) ? { at: given.at } : {}),
      ...(asText(given.q) ? { q: asText(given.q) } : {}),
      ...(given.trace === true ? { trace: true } : {}),
      ...(given.details === true ? { details: true } : {}),
    }),
    loader: words("conversations", "chat"),
    component: page(() => import("./conversations-page"), "ConversationsPage"),
  }),
] as const;
