import { createRoute } from "@tanstack/react-router";
import { page } from "../../frame/parts";
import { frame } from "../../frame/route";
import { words } from "../../words";

/** `phone`, `tag`, `language`, `opted_out`: whom to list; `open`: who is shown. */
export type Shown = {
  phone?: string;
  tag?: string;
  language?: string;
  opted_out?: boolean;
  open?: string;
};

function text(given: Record<string, unknown>, name: "phone" | "tag" | "language" | "open"): Shown {
  const value = given[name];
  const said = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  return said === "" ? {} : { [name]: said };
}

export const contactsRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/contacts",
    validateSearch: (given: Record<string, unknown>): Shown => ({
      ...text(given, "phone"),
      ...text(given, "tag"),
      ...text(given, "language"),
      ...text(given, "open"),
      ...(typeof given.opted_out === "boolean" ? { opted_out: given.opted_out } : {}),
    }),
    loader: words("contacts"),
    component: page(() => import("./contacts-page"), "ContactsPage"),
  }),
] as const;
