import { createRouter } from "@tanstack/react-router";
import { BrokenPage, Nowhere } from "./frame/broken";
import { frame, nowhere, root } from "./frame/route";
import { Waiting } from "./frame/waiting";
import { botsRoutes } from "./pages/bots/routes";
import { contactsRoutes } from "./pages/contacts/routes";
import { conversationsRoutes } from "./pages/conversations/routes";
import { homeRoutes } from "./pages/home/routes";
import { numbersRoutes } from "./pages/numbers/routes";
import { settingsRoutes } from "./pages/settings/routes";
import { signInRoutes } from "./pages/sign-in/routes";
import { studioRoutes } from "./pages/studio/routes";

const routeTree = root.addChildren([
  ...signInRoutes,
  frame.addChildren([
    ...homeRoutes,
    ...conversationsRoutes,
    ...botsRoutes,
    ...studioRoutes,
    ...numbersRoutes,
    ...contactsRoutes,
    ...settingsRoutes,
    nowhere,
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0, // queries know themselves what is stale
  scrollRestoration: true,
  defaultStructuralSharing: true,
  // Where a click leads to files that are slow to come, the page before does not stay as if nothing had happened.
  defaultPendingComponent: Waiting,
  defaultPendingMs: 300,
  // A page that breaks, or a thing that is not there, leaves the frame around it as it is.
  defaultErrorComponent: BrokenPage,
  defaultNotFoundComponent: Nowhere,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
