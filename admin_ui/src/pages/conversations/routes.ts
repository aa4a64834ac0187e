import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

const STATUSES = ["running", "handed_off", "idle"] as const;
export type Status = (typeof STATUSES)[number];

/** `number`: whose conversations; `open`: the one that is read. */
export type Shown = { number?: string; status?: Status; open?: string };

export const conversationsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/conversations",
    validateSearch: (given: Record<string, unknown>): Shown => ({
      ...(typeof given.number === "string" && given.number !== "" ? { number: given.number } : {}),
      ...(STATUSES.includes(given.status as Status) ? { status: given.status as Status } : {}),
      ...(typeof given.open === "string" && given.open !== "" ? { open: given.open } : {}),
    }),
    loader: words("conversations", "chat"),
    component: lazyRouteComponent(() => import("./conversations-page"), "ConversationsPage"),
  }),
] as const;
