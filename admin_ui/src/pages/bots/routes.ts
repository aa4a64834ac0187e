import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const botsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/bots",
    loader: words("bots"),
    component: lazyRouteComponent(() => import("./bots-page"), "BotsPage"),
  }),
] as const;
