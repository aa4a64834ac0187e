import { PanelLeft, PanelRight, Rocket, Search } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Command, useCommands } from "../../frame/commands";
import type { Asked } from "./dialogs";
import type { Panes } from "./panes";

/** What the palette offers while the studio is shown. `fold`: hides a pane, or shows it; the same from one drawing to the next. */
export function useStudioCommands(
  ask: (asked: Asked) => void,
  { noLeft, noRight }: Panes,
  fold: { left: () => void; right: () => void },
): void {
  const { t } = useTranslation(["studio", "whole-bot"]);
  const commands = useMemo<Command[]>(
    () => [
      { name: t("bar.publish_draft"), icon: Rocket, run: () => ask({ what: "publish" }) },
      { name: t("bar.versions"), run: () => ask({ what: "versions" }) },
      { name: t("whole-bot:seek.title"), icon: Search, run: () => ask({ what: "seek", words: "" }) },
      { name: t(noLeft ? "pane.show_left" : "pane.hide_left"), icon: PanelLeft, run: fold.left },
      { name: t(noRight ? "pane.show_right" : "pane.hide_right"), icon: PanelRight, run: fold.right },
    ],
    [t, ask, noLeft, noRight, fold],
  );
  useCommands(commands);
}
