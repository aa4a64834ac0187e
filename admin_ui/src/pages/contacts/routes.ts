import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const contactsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/contacts",
    loader: words("contacts"),
    component: lazyRouteComponent(() => import("./contacts-page"), "ContactsPage"),
  }),
] as const;
