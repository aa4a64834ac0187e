import { Command } from "cmdk";
import { Popover } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";

type Props = {
  step: string;
  /** Its outcomes; "" is what none names. */
  outcomes: string[];
  targets: string[];
  onConnect: (outcome: string, to: string) => void;
  onClose: () => void;
  home: () => void;
};

/** Where a step leads, by name: first the outcome, where there are several. */
export function Connect({ step, outcomes, targets, onConnect, onClose, home }: Props) {
  const { t } = useTranslation("studio");
  const [only] = outcomes;
  const [outcome, setOutcome] = useState(outcomes.length === 1 ? only : undefined);
  const [typed, setTyped] = useState("");
  const said = (each: string) => (each === "" ? t("form.next") : each);
  const label =
    outcome === undefined
      ? t("connect.outcome", { step })
      : t("connect.to", { step, outcome: said(outcome) });
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Anchor className="absolute top-12 left-2" />
      <Popover.Portal>
        <Popover.Content
          align="start"
          aria-label={label}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            home();
          }}
          className="z-50 w-80 rounded-lg border bg-popover text-popover-foreground shadow-lg"
        >
          <Command label={label}>
            <p className="px-3 pt-2 text-muted-foreground text-xs">{label}</p>
            <Command.Input
              autoFocus
              value={typed}
              onValueChange={setTyped}
              placeholder={t(outcome === undefined ? "connect.find_outcome" : "connect.find")}
              className="w-full border-b bg-transparent px-3 py-2 text-sm outline-none"
            />
            <Command.List className="max-h-80 overflow-y-auto p-1">
              <Command.Empty className="px-3 py-4 text-muted-foreground text-sm">
                {t("connect.none")}
              </Command.Empty>
              {(outcome === undefined ? outcomes : [...targets, "stop"]).map((each) => (
                <Command.Item
                  key={each}
                  value={said(each)}
                  onSelect={() => {
                    if (outcome === undefined) {
                      setOutcome(each);
                      setTyped("");
                    } else {
                      onConnect(outcome, each);
                      onClose();
                    }
                  }}
                  className="cursor-default rounded-md px-2 py-1.5 font-mono text-xs data-[selected=true]:bg-accent"
                >
                  {said(each)}
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
