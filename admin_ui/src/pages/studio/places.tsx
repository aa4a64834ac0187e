import { Database, Languages } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cn } from "../../ui/cn";
import type { PLACES } from "./routes";

type Place = (typeof PLACES)[number];
const ICONS = { texts: Languages, data: Database };

/** What is shown of the whole bot, beside its files. */
export function Places({ place, onShow }: { place: Place | undefined; onShow: (place: Place) => void }) {
  const { t } = useTranslation("whole-bot");
  return (
    <nav aria-label={t("place.label")} className="border-b p-2 text-[13px]">
      <ul>
        {(Object.keys(ICONS) as Place[]).map((each) => {
          const Icon = ICONS[each];
          return (
            <li key={each}>
              <button
                type="button"
                aria-current={each === place ? "true" : undefined}
                className={cn(
                  "flex w-full items-center gap-2 rounded-md px-2 py-1 text-left hover:bg-accent pointer-coarse:py-2",
                  each === place && "bg-accent font-medium",
                )}
                onClick={() => onShow(each)}
              >
                <Icon aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
                {t(`place.${each}`)}
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
