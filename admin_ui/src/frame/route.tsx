/** The two routes on which all pages stand: the root, and the frame for who is signed in. */
import { createRootRoute, createRoute, Outlet, redirect } from "@tanstack/react-router";
import { settled } from "../api/session";
import { words } from "../words";
import { Broken, NotFound, Nowhere } from "./broken";
import { Frame } from "./frame";

export const root = createRootRoute({
  component: Outlet,
  pendingComponent: Nothing,
  errorComponent: Broken,
  notFoundComponent: NotFound,
});

export const frame = createRoute({
  getParentRoute: () => root,
  id: "frame",
  async beforeLoad({ location }) {
    const session = await settled();
    if (session.state === "out")
      throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { to: location.href } });
  },
  loader: words("sign-in"), // asked for again over the page, when the session ends
  component: Frame,
  pendingComponent: Nothing,
  errorComponent: Broken,
  notFoundComponent: Nowhere,
});

/** Every address that no other route has. */
export const nowhere = createRoute({ getParentRoute: () => frame, path: "$", component: Nowhere });

/** What stands around the pages is there at once, or not at all: its place is not held by something else. */
function Nothing(): null {
  return null;
}
