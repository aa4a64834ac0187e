import { createRoute } from "@tanstack/react-router";
import { page } from "../../frame/parts";
import { frame } from "../../frame/route";
import { words } from "../../words";

function text(given: unknown): string | undefined {
  return typeof given === "string" && given !== "" ? given : undefined;
}

/** `number`: the one that is being added already. */
export type Adding = { channel?: string | undefined; number?: string | undefined };

export const numbersRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/numbers",
    loader: words("numbers"),
    component: page(() => import("./numbers-page"), "NumbersPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/numbers/new",
    validateSearch: (given: Record<string, unknown>): Adding => ({
      channel: text(given.channel),
      number: text(given.number),
    }),
    loader: words("numbers"),
    component: page(() => import("./adding/new-page"), "NewPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/numbers/$number",
    loader: words("numbers"),
    component: page(() => import("./number-page"), "NumberPage"),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: "/dead-letters",
    validateSearch: (given: Record<string, unknown>): { number?: string | undefined } => ({
      number: text(given.number),
    }),
    loader: words("numbers"),
    component: page(() => import("./dead-letters-page"), "DeadLettersPage"),
  }),
] as const;
