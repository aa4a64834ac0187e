import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const numbersRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/numbers",
    loader: words("numbers"),
    component: lazyRouteComponent(() => import("./numbers-page"), "NumbersPage"),
  }),
] as const;
