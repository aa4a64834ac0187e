import { PanelLeft, PanelRight, Redo2, Rocket, Search, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Here } from "../../api/presence";
import type { Draft, Now } from "../../studio/draft";
import { Button } from "../../ui/button";
import { Others } from "./others";
import type { Panes } from "./panes";
import type { Shown } from "./routes";
import { SaveState } from "./save-state";

type Props = {
  draft: Draft;
  now: Now;
  others: readonly Here[];
  panes: Panes;
  /** There is room for panes, to show and to hide. */
  wide: boolean;
  onFold: { left: () => void; right: () => void };
  onShow: (place: Shown) => void;
  onSeek: () => void;
  onVersions: () => void;
  onPublish: () => void;
};

/** Above the studio: whether all is saved, who else is here, and what concerns the whole draft. */
export function StudioBar({
  draft,
  now,
  others,
  panes,
  wide,
  onFold,
  onShow,
  onSeek,
  onVersions,
  onPublish,
}: Props) {
  const { t } = useTranslation(["studio", "whole-bot"]);
  return (
    <header className="flex flex-wrap items-center gap-2 border-b px-3 py-1.5">
      <h1 className="sr-only">{draft.bot}</h1>
      <SaveState draft={draft} saving={now.saving} unkept={now.unkept} />
      <div className="ml-auto flex items-center gap-1">
        <Others others={others} onShow={onShow} />
        {wide &&
          (
            [
              ["left", panes.noLeft, PanelLeft],
              ["right", panes.noRight, PanelRight],
            ] as const
          ).map(([side, hidden, Icon]) => {
            const said = t(`pane.${hidden ? "show" : "hide"}_${side}`);
            return (
              <Button
                key={side}
                variant="ghost"
                size="icon-sm"
                aria-label={said}
                title={said}
                onClick={onFold[side]}
              >
                <Icon className={hidden ? "text-muted-foreground" : ""} />
              </Button>
            );
          })}
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("whole-bot:seek.open")}
          title={t("whole-bot:seek.open")}
          onClick={onSeek}
        >
          <Search />
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("undo")}
          title={t("undo")}
          disabled={!now.undo}
          onClick={draft.undo}
        >
          <Undo2 />
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("redo")}
          title={t("redo")}
          disabled={!now.redo}
          onClick={draft.redo}
        >
          <Redo2 />
        </Button>
        <Button size="sm" onClick={onVersions}>
          {t("bar.versions")}
        </Button>
        <Button size="sm" variant="primary" onClick={onPublish} disabled={!draft.editable}>
          <Rocket />
          {t("bar.publish")}
        </Button>
      </div>
    </header>
  );
}
