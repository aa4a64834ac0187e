import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

const STATUSES = ["running", "handed_off", "idle", "mine", "failed"] as const;
/** What the list is narrowed to: how conversations stand, those that are mine to answer, or where something did not arrive. */
export type Status = (typeof STATUSES)[number];

/** `number`: whose conversations, left out: of all numbers; `open`: the one that is read, `of`: its number, where `number` does not say. */
export type Shown = { number?: string; status?: Status; open?: string; of?: string };

const text = (given: unknown): given is string => typeof given === "string" && given !== "";

export const conversationsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/conversations",
    validateSearch: (given: Record<string, unknown>): Shown => ({
      ...(text(given.number) ? { number: given.number } : {}),
      ...(STATUSES.includes(given.status as Status) ? { status: given.status as Status } : {}),
      ...(text(given.open) ? { open: given.open } : {}),
      ...(text(given.of) ? { of: given.of } : {}),
    }),
    loader: words("conversations", "chat"),
    component: lazyRouteComponent(() => import("./conversations-page"), "ConversationsPage"),
  }),
] as const;
