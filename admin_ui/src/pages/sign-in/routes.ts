import { createRoute, redirect } from "@tanstack/react-router";
import { settled } from "../../api/session";
import { page } from "../../frame/parts";
import { root } from "../../frame/route";
import { words } from "../../words";

/** Where to go after signing in: an address of ours, and no other site's. */
export function ours(to: unknown): string | undefined {
  return typeof to === "string" && /^\/(?![/\\])/.test(to) ? to : undefined;
}

export const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { to?: string | undefined } => ({ to: ours(search.to) }),
  async beforeLoad({ search }) {
    if ((await settled()).state === "in") throw redirect({ href: search.to ?? "/" });
  },
  loader: words("sign-in"),
  component: page(() => import("./sign-in-page"), "SignInPage"),
});

export const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  loader: words("sign-in"),
  component: page(() => import("./welcome-page"), "WelcomePage"),
});

export const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation",
  loader: words("sign-in"),
  component: page(() => import("./invitation-page"), "InvitationPage"),
});

export const signInRoutes = [signIn, welcome, invitation] as const;
