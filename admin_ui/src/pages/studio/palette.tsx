import { Command } from "cmdk";
import { Plus } from "lucide-react";
import { Popover } from "radix-ui";
import { useTranslation } from "react-i18next";
import type { Action } from "../../studio/outcomes";
import { Button } from "../../ui/button";

/** Every kind of step there is, to be found by name or by what it does. */
export function Palette({
  open,
  onOpenChange,
  actions,
  onPick,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  actions: Action[];
  onPick: (action: Action) => void;
}) {
  const { t } = useTranslation("studio");
  return (
    <Popover.Root open={open} onOpenChange={onOpenChange}>
      <Popover.Trigger asChild>
        <Button size="sm" variant="primary">
          <Plus />
          {t("palette.add")}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 w-80 rounded-lg border bg-popover text-popover-foreground shadow-lg"
        >
          <Command label={t("palette.add")}>
            <Command.Input
              autoFocus
              placeholder={t("palette.find")}
              className="w-full border-b bg-transparent px-3 py-2 text-sm outline-none"
            />
            <Command.List className="max-h-80 overflow-y-auto p-1">
              <Command.Empty className="px-3 py-4 text-muted-foreground text-sm">
                {t("palette.none")}
              </Command.Empty>
              {actions.map((action) => (
                <Command.Item
                  key={action.name}
                  value={`${action.name} ${action.title} ${action.description}`}
                  onSelect={() => {
                    onOpenChange(false);
                    onPick(action);
                  }}
                  className="cursor-default rounded-md px-2 py-1.5 data-[selected=true]:bg-accent"
                >
                  <span className="block font-medium text-[13px]">{action.title}</span>
                  <span className="line-clamp-1 text-muted-foreground text-xs">
                    {action.description.split("\n", 1)[0]}
                  </span>
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
