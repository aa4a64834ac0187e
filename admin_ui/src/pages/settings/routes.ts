import { createRoute, redirect } from "@tanstack/react-router";
import { page } from "../../frame/parts";
import { frame } from "../../frame/route";
import { words } from "../../words";

export type AuditShown = { by?: string; action?: string; target?: string };

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/settings",
    beforeLoad(): void {
      throw redirect({ to: "/settings/account", replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/account",
    loader: words("settings"),
    component: page(() => import("./account"), "Account"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/workspace",
    loader: words("settings"),
    component: page(() => import("./workspace"), "Workspace"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/people",
    loader: words("settings"),
    component: page(() => import("./people"), "People"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/teams",
    loader: words("settings"),
    component: page(() => import("./teams"), "Teams"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/api-keys",
    loader: words("settings"),
    component: page(() => import("./api-keys"), "ApiKeys"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/webhooks",
    loader: words("settings"),
    component: page(() => import("./webhooks"), "Webhooks"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/actions",
    loader: words("settings"),
    component: page(() => import("./actions"), "Actions"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/events",
    loader: words("settings"),
    component: page(() => import("./events"), "Events"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/fields",
    loader: words("settings"),
    component: page(() => import("./fields"), "Fields"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/secrets",
    loader: words("settings"),
    component: page(() => import("./secrets"), "Secrets"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/search",
    loader: words("settings"),
    component: page(() => import("./search"), "Search"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/retention",
    loader: words("settings"),
    component: page(() => import("./retention"), "Retention"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/exports",
    loader: words("settings"),
    component: page(() => import("./exports"), "Exports"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/settings/audit",
    validateSearch: (given: Record<string, unknown>): AuditShown =>
      Object.fromEntries(
        ["by", "action", "target"].flatMap((name) =>
          typeof given[name] === "string" && given[name] !== "" ? [[name, given[name]]] : [],
        ),
      ),
    loader: words("settings"),
    component: page(() => import("./audit"), "Audit"),
  }),
] as const;
