import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Draft } from "../../studio/draft";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Places } from "./places";
import { Problems } from "./problems";
import type { Renaming } from "./rename";
import type { Shown } from "./routes";
import { Tree } from "./tree";

type Props = {
  draft: Draft;
  paths: string[];
  file: string | undefined;
  place: Shown["place"];
  check: Schemas["CheckOut"] | undefined;
  checkError: unknown;
  wide: boolean;
  hidden: boolean;
  onShow: (more: Shown) => void;
  /** To a problem's place. */
  onFollow: (place: Shown, column: number) => void;
  onRename: (renaming: Renaming) => void;
};

/** The bot's files, and what is wrong in them. Where there is no room beside what is shown, the files are unfolded. */
export function FilesPane({ draft, paths, file, place, check, checkError, wide, hidden, ...on }: Props) {
  const { t } = useTranslation(["studio", "whole-bot"]);
  const [listed, setListed] = useState(false);
  const show = (more: Shown) => {
    setListed(false);
    on.onShow(more);
  };
  return (
    <aside
      aria-label={t("tree.label")}
      className={cn(
        "flex-col border-b lg:min-h-0 lg:overflow-y-auto lg:border-r lg:border-b-0",
        hidden ? "hidden" : "flex",
      )}
    >
      {!wide && (
        <Button
          variant="ghost"
          className="m-2 justify-between"
          aria-expanded={listed}
          aria-controls="studio-files"
          onClick={() => setListed(!listed)}
        >
          <span className="truncate">{place ? t(`whole-bot:place.${place}`) : file}</span>
          <ChevronDown className={cn("transition-transform", listed && "rotate-180")} />
        </Button>
      )}
      <div id="studio-files" hidden={!wide && !listed}>
        <Places place={place} onShow={(place) => show({ place })} />
        <Tree
          draft={draft}
          paths={paths}
          file={place ? undefined : file}
          diagnostics={check?.diagnostics ?? NONE}
          onShow={show}
          onRename={on.onRename}
        />
      </div>
      <Problems bot={draft.bot} diagnostics={check?.diagnostics} error={checkError} onShow={on.onFollow} />
    </aside>
  );
}

const NONE: Schemas["DiagnosticOut"][] = [];
