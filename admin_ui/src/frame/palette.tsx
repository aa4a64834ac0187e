import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import {
  Bot,
  Languages,
  LogOut,
  type LucideIcon,
  Moon,
  Plus,
  Smartphone,
  Sun,
  SunMoon,
  Terminal,
} from "lucide-react";
import { Dialog } from "radix-ui";
import { useTranslation } from "react-i18next";
import { api, given } from "../api/client";
import { useMay } from "../api/session";
import { LANGUAGES } from "../words";
import { useOffered } from "./commands";
import { PLACES } from "./places";
import { setTheme } from "./theme";
import { leave } from "./top";

const group =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-muted-foreground [&_[cmdk-group-heading]]:text-xs";

/** Search and commands, at Ctrl/⌘ K. */
export function Palette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation("frame");
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100%-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border bg-popover text-popover-foreground shadow-2xl"
        >
          <Dialog.Title className="sr-only">{t("palette.open")}</Dialog.Title>
          <Found close={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Found({ close }: { close: () => void }) {
  const { t, i18n } = useTranslation("frame");
  const navigate = useNavigate();
  const offered = useOffered();
  const mayAdd = useMay("admin");
  const bots = useQuery({
    queryKey: ["drafts", "palette"],
    queryFn: ({ signal }) => given(api.GET("/api/v1/bots", { params: { query: { limit: 200 } }, signal })),
  });
  const numbers = useQuery({
    queryKey: ["numbers", "palette"],
    queryFn: ({ signal }) => given(api.GET("/api/v1/numbers", { params: { query: { limit: 200 } }, signal })),
  });
  const go = (to: string) => () => navigate({ to });
  const done = (run: () => unknown) => () => {
    close();
    run();
  };
  return (
    <Command loop label={t("palette.open")}>
      <Command.Input
        placeholder={t("palette.placeholder")}
        className="h-12 w-full border-b bg-transparent px-4 text-base outline-none focus-visible:outline-none"
      />
      <Command.List label={t("palette.open")} className="max-h-[min(26rem,60vh)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-8 text-center text-muted-foreground">
          {t("palette.nothing")}
        </Command.Empty>
        {offered.length > 0 && (
          <Command.Group heading={t("palette.here")} className={group}>
            {offered.map(({ name, icon, run }) => (
              <Item key={name} icon={icon ?? Terminal} name={name} onSelect={done(run)} />
            ))}
          </Command.Group>
        )}
        <Command.Group heading={t("palette.go")} className={group}>
          {PLACES.map(({ to, name, icon }) => (
            <Item key={to} icon={icon} name={t(`rail.${name}`)} onSelect={done(go(to))} />
          ))}
        </Command.Group>
        {bots.data && bots.data.items.length > 0 && (
          <Command.Group heading={t("rail.bots")} className={group}>
            {bots.data.items.map(({ name }) => (
              <Item
                key={name}
                icon={Bot}
                name={name}
                value={`bot ${name}`}
                onSelect={done(go(`/bots/${name}`))}
              />
            ))}
          </Command.Group>
        )}
        {numbers.data && numbers.data.items.length > 0 && (
          <Command.Group heading={t("rail.numbers")} className={group}>
            {numbers.data.items.map(({ id, name }) => (
              <Item
                key={id}
                icon={Smartphone}
                name={name}
                value={`number ${name}`}
                onSelect={done(go(`/numbers/${encodeURIComponent(name)}`))}
              />
            ))}
          </Command.Group>
        )}
        <Command.Group heading={t("palette.commands")} className={group}>
          {mayAdd && <Item icon={Plus} name={t("palette.add_number")} onSelect={done(go("/numbers/new"))} />}
          <Item
            icon={Sun}
            name={t("palette.theme", { theme: t("theme.light") })}
            onSelect={done(() => setTheme("light"))}
          />
          <Item
            icon={Moon}
            name={t("palette.theme", { theme: t("theme.dark") })}
            onSelect={done(() => setTheme("dark"))}
          />
          <Item
            icon={SunMoon}
            name={t("palette.theme", { theme: t("theme.system") })}
            onSelect={done(() => setTheme("system"))}
          />
          {Object.entries(LANGUAGES)
            .filter(([code]) => code !== i18n.language)
            .map(([code, name]) => (
              <Item
                key={code}
                icon={Languages}
                name={name}
                onSelect={done(() => i18n.changeLanguage(code))}
              />
            ))}
          <Item icon={LogOut} name={t("me.sign_out")} onSelect={done(leave)} />
        </Command.Group>
      </Command.List>
    </Command>
  );
}

function Item({
  icon: Icon,
  name,
  value,
  onSelect,
}: {
  icon: LucideIcon;
  name: string;
  value?: string;
  onSelect: () => void;
}) {
  return (
    <Command.Item
      value={value ?? name}
      onSelect={onSelect}
      className="flex cursor-default items-center gap-2.5 rounded-md px-2 py-2 data-[selected=true]:bg-accent data-[selected=true]:text-accent-foreground [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted-foreground"
    >
      <Icon aria-hidden />
      <span className="truncate">{name}</span>
    </Command.Item>
  );
}
