import { Link, useLocation } from "@tanstack/react-router";
import { Languages, LogOut, Moon, Search, Sun, SunMoon, UserRound } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Health, useHealth } from "../api/live";
import { act } from "../api/queries";
import { signOut, useMe } from "../api/session";
import { Dot, type Tone } from "../ui/badge";
import { Button } from "../ui/button";
import { Kbd } from "../ui/kbd";
import {
  Menu,
  MenuChoice,
  MenuChoices,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuLine,
  MenuTrigger,
} from "../ui/menu";
import { Tooltip } from "../ui/tooltip";
import { LANGUAGES } from "../words";
import { Palette } from "./palette";
import { placeOf } from "./places";
import { setTheme, type Theme, useTheme } from "./theme";
import { useTitleShown } from "./title";

/** Where I am, search and commands, whether what is shown is live, language, theme, me. */
export function Top() {
  const { t } = useTranslation("frame");
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== "k" ||
        !(event.ctrlKey || event.metaKey) ||
        event.shiftKey ||
        event.altKey
      )
        return;
      event.preventDefault();
      setOpen((now) => !now);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b px-3 sm:px-4">
      <Where />
      <Button
        variant="secondary"
        onClick={() => setOpen(true)}
        aria-keyshortcuts="Control+K Meta+K"
        className="ml-auto justify-start text-muted-foreground max-sm:size-8 max-sm:justify-center max-sm:border-0 max-sm:bg-transparent max-sm:p-0 max-sm:text-foreground dark:max-sm:bg-transparent max-sm:pointer-coarse:size-10 sm:w-64"
      >
        <Search />
        <span className="truncate max-sm:sr-only">{t("palette.open")}</span>
        <span aria-hidden className="ml-auto max-sm:hidden">
          <Kbd>{/mac/i.test(navigator.userAgent) ? "⌘ K" : "Ctrl K"}</Kbd>
        </span>
      </Button>
      <Live />
      <LanguageMenu />
      <ThemeMenu />
      <MeMenu />
      <Palette open={open} onOpenChange={setOpen} />
    </header>
  );
}

function Where() {
  const { t } = useTranslation("frame");
  const place = placeOf(useLocation({ select: (location) => location.pathname }));
  const title = useTitleShown();
  const name = place && t(`rail.${place.name}`);
  return (
    <nav aria-label={t("where")} className="flex min-w-0 items-center gap-1.5 text-[13px]">
      {place && name !== title && (
        <>
          <Link to={place.to} className="shrink-0 text-muted-foreground hover:text-foreground">
            {name}
          </Link>
          <span aria-hidden className="text-muted-foreground">
            /
          </span>
        </>
      )}
      <span aria-current="page" className="truncate font-medium">
        {title}
      </span>
    </nav>
  );
}

const TONES: Record<Health, Tone> = { live: "good", connecting: "warning", away: "bad" };

function Live() {
  const { t } = useTranslation("frame");
  const health = useHealth();
  return (
    <Tooltip words={t(`health.${health}.detail`)} side="bottom">
      <span
        role="status"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its tooltip opens by keyboard too
        tabIndex={0}
        className="inline-flex h-8 items-center gap-1.5 rounded-md px-2 text-muted-foreground text-xs"
      >
        <Dot tone={TONES[health]} />
        <span className={health === "live" ? "max-lg:sr-only" : "max-sm:sr-only"}>
          {t(`health.${health}.short`)}
        </span>
      </span>
    </Tooltip>
  );
}

export function LanguageMenu() {
  const { t, i18n } = useTranslation("frame");
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t("language.label")}>
          <Languages />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuChoices value={i18n.language} onValueChange={(next) => i18n.changeLanguage(next)}>
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <MenuChoice key={code} value={code} lang={code}>
              {name}
            </MenuChoice>
          ))}
        </MenuChoices>
      </MenuContent>
    </Menu>
  );
}

export function ThemeMenu() {
  const { t } = useTranslation("frame");
  const theme = useTheme();
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t("theme.label")}>
          <Sun className="dark:hidden" />
          <Moon className="hidden dark:block" />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuChoices value={theme} onValueChange={(next) => setTheme(next as Theme)}>
          <MenuChoice value="system">
            <SunMoon aria-hidden />
            {t("theme.system")}
          </MenuChoice>
          <MenuChoice value="light">
            <Sun aria-hidden />
            {t("theme.light")}
          </MenuChoice>
          <MenuChoice value="dark">
            <Moon aria-hidden />
            {t("theme.dark")}
          </MenuChoice>
        </MenuChoices>
      </MenuContent>
    </Menu>
  );
}

function MeMenu() {
  const { t } = useTranslation("frame");
  const me = useMe();
  const letters = me.name
    .split(/\s+/)
    .map((part) => part[0])
    .slice(0, 2)
    .join("")
    .toUpperCase();
  return (
    <Menu>
      <MenuTrigger asChild>
        <button
          type="button"
          aria-label={t("me.label", { name: me.name })}
          data-letters={letters}
          className="before:content-[attr(data-letters)] ml-1 grid size-7 shrink-0 place-items-center rounded-full bg-primary/12 font-medium text-[11px] text-primary"
        />
      </MenuTrigger>
      <MenuContent className="w-60">
        <MenuLabel>
          <span className="block truncate font-medium text-foreground text-sm">{me.name}</span>
          <span className="block truncate">{me.email}</span>
          <span className="block">{t(`role.${me.role}`)}</span>
        </MenuLabel>
        <MenuLine />
        <MenuItem asChild>
          <Link to="/settings">
            <UserRound aria-hidden />
            {t("me.account")}
          </Link>
        </MenuItem>
        <MenuItem onSelect={leave}>
          <LogOut aria-hidden />
          {t("me.sign_out")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}

/** Sign out, and forget everything that was read. */
export function leave(): void {
  act(async () => {
    await signOut();
    location.assign("/sign-in");
  });
}
