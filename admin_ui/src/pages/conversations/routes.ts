import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const conversationsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/conversations",
    loader: words("conversations"),
    component: lazyRouteComponent(() => import("./conversations-page"), "ConversationsPage"),
  }),
] as const;
