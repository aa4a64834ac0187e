import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const studioRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/bots/$bot",
    loader: words("studio"),
    component: lazyRouteComponent(() => import("./studio-page"), "StudioPage"),
  }),
] as const;
