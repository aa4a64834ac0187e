import { Link } from "@tanstack/react-router";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { shelf } from "../shelf";
import { Button } from "../ui/button";
import { cn } from "../ui/cn";
import { Tooltip } from "../ui/tooltip";
import { PLACES } from "./places";

const KEPT = "chatloom.rail";
const item =
  "flex h-8 items-center gap-2.5 rounded-md px-2.5 text-[13px] text-muted-foreground hover:bg-accent hover:text-accent-foreground [&_svg]:size-4 [&_svg]:shrink-0";
const here = "bg-accent font-medium text-accent-foreground";

/** The left rail: icons alone where there is little room, or where a person wants it so. */
export function Rail() {
  const { t } = useTranslation("frame");
  const [narrow, setNarrow] = useState(shelf.get(KEPT) === "narrow");
  const name = narrow ? "sr-only" : "max-xl:sr-only";
  const turn = () => {
    shelf.put(KEPT, narrow ? "wide" : "narrow");
    setNarrow(!narrow);
  };
  return (
    <nav
      aria-label={t("rail.label")}
      className={cn(
        "hidden shrink-0 flex-col gap-0.5 border-r bg-rail p-2 sm:flex",
        narrow ? "w-13" : "w-13 xl:w-48",
      )}
    >
      <Link to="/" className="mb-2 flex h-9 items-center gap-2 rounded-md px-1.5 font-semibold">
        <img src="/icon.svg" alt="" className="size-6 shrink-0" />
        <span className={name}>Chatloom</span>
      </Link>
      {PLACES.map(({ to, name: place, icon: Icon }) => {
        const link = (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === "/" }}
            activeProps={{ className: here, "aria-current": "page" }}
            className={item}
          >
            <Icon aria-hidden />
            <span className={name}>{t(`rail.${place}`)}</span>
          </Link>
        );
        return narrow ? (
          <Tooltip key={to} words={t(`rail.${place}`)} side="right">
            {link}
          </Tooltip>
        ) : (
          link
        );
      })}
      <Button
        variant="ghost"
        size="icon-sm"
        onClick={turn}
        aria-label={narrow ? t("rail.wide") : t("rail.narrow")}
        className="mt-auto ml-0.5 hidden text-muted-foreground xl:inline-flex"
      >
        {narrow ? <PanelLeftOpen /> : <PanelLeftClose />}
      </Button>
    </nav>
  );
}

/** The same places at a phone's lower edge. */
export function BottomBar() {
  const { t } = useTranslation("frame");
  return (
    <nav
      aria-label={t("rail.label")}
      className="flex border-t bg-rail px-1 pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {PLACES.map(({ to, name, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/" }}
          activeProps={{ className: "text-primary", "aria-current": "page" }}
          className="flex min-w-0 flex-1 flex-col items-center gap-0.5 py-2 text-[10px] text-muted-foreground"
        >
          <Icon aria-hidden className="size-5" />
          <span className="sr-only">{t(`rail.${name}`)}</span>
          <span aria-hidden className="max-w-full truncate tracking-tight">
            {t(`rail.short.${name}`)}
          </span>
        </Link>
      ))}
    </nav>
  );
}
