import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/settings",
    loader: words("settings"),
    component: lazyRouteComponent(() => import("./settings-page"), "SettingsPage"),
  }),
] as const;
