import { createRoute } from "@tanstack/react-router";
import { page } from "../../frame/parts";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const botsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/bots",
    loader: words("bots"),
    component: page(() => import("./bots-page"), "BotsPage"),
  }),
] as const;
