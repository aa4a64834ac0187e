import { createRoute } from "@tanstack/react-router";
import { page } from "../../frame/parts";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const homeRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/",
    loader: words("home", "numbers"),
    component: page(() => import("./home-page"), "HomePage"),
  }),
] as const;
