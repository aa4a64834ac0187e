import { Languages, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { nameOf } from "../../studio/languages";
import { KEYS } from "../../studio/tongue";
import { Button } from "../../ui/button";
import { Select } from "../../ui/input";
import { type Shown, VIEWS } from "./routes";

type Props = {
  view: (typeof VIEWS)[number];
  /** There is room for the canvas, and for two views. */
  wide: boolean;
  fault: { line: number } | undefined;
  languages: readonly string[];
  /** What the cards speak: a language, or `KEYS`; undefined: the bot's first. */
  speaks: string | undefined;
  gaps: ReadonlyMap<string, "missing" | "stale">;
  chosen: string | undefined;
  /** Show the flow itself. */
  onFlow: () => void;
  onShow: (more: Shown) => void;
  onChoose: (step: string) => void;
};

/** How a flow is shown, and in which language. */
export function ViewBar({
  view,
  wide,
  fault,
  languages,
  speaks,
  gaps,
  chosen,
  onFlow,
  onShow,
  onChoose,
}: Props) {
  const { t, i18n } = useTranslation("studio");
  const names = new Intl.DisplayNames(i18n.language, { type: "language" });
  const steps = [...gaps.keys()];
  return (
    <div className="@container border-b px-2 py-1">
      <div className="flex flex-wrap items-center gap-1">
        <fieldset className="flex items-center gap-1">
          <legend className="sr-only">{t("view.label")}</legend>
          {VIEWS.filter((each) => wide || each !== "split").map((each) => (
            <Button
              key={each}
              size="sm"
              variant="ghost"
              aria-pressed={view === each}
              className={view === each ? "bg-accent" : ""}
              onClick={() => onShow({ view: each })}
            >
              {t(`view.${each === "canvas" && !wide ? "outline" : each}`)}
            </Button>
          ))}
        </fieldset>
        {view !== "yaml" && (
          <div className="ml-auto flex flex-wrap items-center gap-1">
            <Button size="sm" variant="ghost" title={t("flow.open")} onClick={onFlow}>
              <Play />
              <span className="@max-lg:sr-only">{t("flow.open")}</span>
            </Button>
            {steps.length > 0 && (
              <Button
                size="sm"
                variant="ghost"
                className="text-warning"
                title={t("view.gaps", { count: steps.length })}
                onClick={() => onChoose(steps[(steps.indexOf(chosen ?? "") + 1) % steps.length] as string)}
              >
                <span aria-hidden className="flex items-center gap-1 @lg:hidden">
                  <Languages /> {steps.length}
                </span>
                <span className="@max-lg:sr-only">{t("view.gaps", { count: steps.length })}</span>
              </Button>
            )}
            <Select
              aria-label={t("view.speaks")}
              title={t("view.speaks")}
              small
              className="max-w-32"
              value={speaks ?? languages[0] ?? ""}
              onChange={({ target: { value } }) => onShow({ speaks: value })}
            >
              {languages.map((each) => (
                <option key={each} value={each}>
                  {nameOf(names, each)}
                </option>
              ))}
              <option value={KEYS}>{t("view.keys")}</option>
            </Select>
          </div>
        )}
        {fault && (
          <p role="alert" className="basis-full break-words px-1 py-0.5 text-destructive text-xs">
            {t("canvas.broken", { line: fault.line })}
          </p>
        )}
      </div>
    </div>
  );
}
