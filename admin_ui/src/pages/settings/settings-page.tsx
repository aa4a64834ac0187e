import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Role, useMay } from "../../api/session";
import { Page } from "../../ui/page";

const SECTIONS = [
  { name: "mine", places: ["account"] },
  { name: "team", places: ["workspace", "people", "teams", "audit"] },
  { name: "programs", places: ["api-keys", "webhooks", "actions", "events", "secrets"] },
  { name: "data", places: ["fields", "search", "retention", "exports"] },
] as const;

export type Place = (typeof SECTIONS)[number]["places"][number];

/** Who may see a place at all; the place itself says what else it takes. */
const NEEDS: Record<Place, Role> = {
  account: "viewer",
  workspace: "viewer",
  people: "admin",
  teams: "viewer",
  audit: "admin",
  "api-keys": "admin",
  webhooks: "admin",
  actions: "editor",
  events: "viewer",
  secrets: "admin",
  fields: "viewer",
  search: "admin",
  retention: "admin",
  exports: "admin",
};

/** A place of the settings, with the way to the others beside it. */
export function SettingsPage({ children }: { children: ReactNode }) {
  const { t } = useTranslation("settings");
  return (
    <Page title={t("title")}>
      <div className="grid grid-cols-1 gap-x-10 gap-y-4 md:grid-cols-[11rem_minmax(0,1fr)]">
        <nav
          aria-label={t("title")}
          className="flex gap-4 overflow-x-auto max-md:-mx-4 max-md:scroll-px-10 max-md:px-4 max-md:[mask-image:linear-gradient(to_right,transparent,black_1rem,black_calc(100%-1rem),transparent)] max-md:[scrollbar-width:none] md:flex-col sm:max-md:-mx-6 sm:max-md:px-6"
        >
          {SECTIONS.map((section) => (
            <div key={section.name} className="flex shrink-0 gap-0.5 md:flex-col">
              <p className="px-2 py-1 text-muted-foreground text-xs max-md:hidden">
                {t(`section.${section.name}`)}
              </p>
              {section.places.map((place) => (
                <Entry key={place} place={place} />
              ))}
            </div>
          ))}
        </nav>
        <div className="min-w-0">{children}</div>
      </div>
    </Page>
  );
}

function Entry({ place }: { place: Place }) {
  const { t } = useTranslation("settings");
  const link = useRef<HTMLAnchorElement>(null);
  // On a phone the places are one line that scrolls: where one is is in sight.
  useEffect(() => {
    if (link.current?.ariaCurrent === "page")
      link.current.scrollIntoView({ block: "nearest", inline: "center" });
  }, []);
  if (!useMay(NEEDS[place])) return null;
  return (
    <Link
      ref={link}
      to={`/settings/${place}`}
      className="whitespace-nowrap rounded-md px-2 py-1.5 hover:bg-accent pointer-coarse:py-2.5"
      activeProps={{ className: "bg-accent font-medium text-accent-foreground" }}
    >
      {t(`place.${place}`)}
    </Link>
  );
}
