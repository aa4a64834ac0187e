import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const VIEWS = ["canvas", "split", "yaml"] as const;
export const PANES = ["step", "preview", "simulator", "tests"] as const;
/** `file`: which is open; `step`: which is chosen in it; `line`: where the cursor goes. */
export type Shown = {
  file?: string;
  step?: string;
  line?: number;
  view?: (typeof VIEWS)[number];
  pane?: (typeof PANES)[number];
};

export const studioRoutes = [
  createRoute({
    getParentRoute: () => frame,
    path: "/bots/$bot",
    validateSearch: (given: Record<string, unknown>): Shown => ({
      ...(typeof given.file === "string" ? { file: given.file } : {}),
      ...(typeof given.step === "string" ? { step: given.step } : {}),
      ...(typeof given.line === "number" ? { line: given.line } : {}),
      ...(VIEWS.includes(given.view as "yaml") ? { view: given.view as "yaml" } : {}),
      ...(PANES.includes(given.pane as "tests") ? { pane: given.pane as "tests" } : {}),
    }),
    loader: words("studio", "chat"),
    component: lazyRouteComponent(() => import("./studio-page"), "StudioPage"),
  }),
] as const;
