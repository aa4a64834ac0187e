import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Shown } from "./routes";

/** The places that name something, each a way there. */
export function UsesList({
  uses,
  onShow,
}: {
  uses: readonly Schemas["UseOut"][];
  onShow: (more: Shown) => void;
}) {
  const { t } = useTranslation("whole-bot");
  return (
    <ul className="max-h-60 overflow-y-auto rounded-md border text-[13px]">
      {uses.map((use) => (
        <li key={`${use.file}${use.pointer}${use.key}${use.spans}`} className="border-b last:border-b-0">
          <button
            type="button"
            className="flex w-full gap-2 px-3 py-1 text-left hover:bg-accent"
            onClick={() => onShow(placeOf(use))}
          >
            <span className="min-w-0 flex-1 break-words">
              {use.file}:{use.line} {use.step && `· ${use.step}`}
            </span>
            <span className="text-muted-foreground text-xs">{t(`how.${use.how}`)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Where a name stands: its step where it has one, else its line. */
export function placeOf(use: Pick<Schemas["UseOut"], "file" | "line" | "step">): Shown {
  return use.step
    ? { file: use.file, step: use.step, pane: "step", view: "canvas", line: use.line }
    : { file: use.file, line: use.line, view: "yaml" };
}
