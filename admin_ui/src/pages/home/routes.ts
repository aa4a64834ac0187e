import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const homeRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/",
    loader: words("home", "numbers"),
    component: lazyRouteComponent(() => import("./home-page"), "HomePage"),
  }),
] as const;
