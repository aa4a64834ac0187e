import { createRoute } from "@tanstack/react-router";
import { page } from "../../frame/parts";
import { frame } from "../../frame/route";
import { words } from "../../words";

export const VIEWS = ["canvas", "split", "yaml"] as const;
export const PANES = ["step", "preview", "simulator", "tests"] as const;
export const PLACES = ["texts", "data"] as const;
/** What has names: admin_api/routes/draft_names.py. */
export const KINDS = ["field", "contact", "flow", "step", "choice"] as const;
export const ONLY = ["missing", "stale", "shared"] as const;
/** `place`: what is shown of the whole bot instead of a file; `only`, `language`, `within`, `find`, `kind`: what of it. */
export type WholeBot = {
  place?: (typeof PLACES)[number];
  only?: (typeof ONLY)[number];
  language?: string;
  within?: string;
  find?: string;
  kind?: (typeof KINDS)[number];
};
/** `file`: which is open; `step`: which is chosen in it; `line`: where the cursor goes; `speaks`: in which language cards are. */
export type Shown = WholeBot & {
  file?: string;
  step?: string | undefined;
  line?: number;
  view?: (typeof VIEWS)[number];
  pane?: (typeof PANES)[number];
  speaks?: string | undefined;
};

/** Where one is when a file is shown again. */
export function fileOf({
  place: _,
  only: __,
  language: ___,
  within: ____,
  find: _____,
  kind: ______,
  ...rest
}: Shown): Shown {
  return rest;
}

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
      ...(typeof given.speaks === "string" ? { speaks: given.speaks } : {}),
      ...(PLACES.includes(given.place as "texts") ? { place: given.place as "texts" } : {}),
      ...(ONLY.includes(given.only as "stale") ? { only: given.only as "stale" } : {}),
      ...(typeof given.language === "string" ? { language: given.language } : {}),
      ...(typeof given.within === "string" ? { within: given.within } : {}),
      ...(KINDS.includes(given.kind as "field") ? { kind: given.kind as "field" } : {}),
      ...(typeof given.find === "string" ? { find: given.find } : {}),
    }),
    loader: words("studio", "whole-bot", "chat"),
    component: page(() => import("./studio-page"), "StudioPage"),
  }),
] as const;
