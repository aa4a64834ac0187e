import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { Check, ChevronDown } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { assigneesQuery, teamsQuery } from "./queries";

/** To whom a thread goes: what is named changes; "" is nobody, or no team. */
export type Given = { user: string } | { team: string };

const HEADING =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-muted-foreground [&_[cmdk-group-heading]]:text-xs";

type Props = {
  me: string;
  assignee: string;
  team: string;
  busy: boolean;
  /** `name`: as people call it. */
  onGive: (given: Given, name: string) => void;
};

/** Gives a thread to a person or a team: oneself first, then by name. */
export function Give(props: Props) {
  const { t } = useTranslation("conversations");
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button size="sm" busy={props.busy}>
          {t("handlings.give")}
          <ChevronDown />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t("handlings.giving")}
          className="z-50 w-72 max-w-[calc(100vw-1rem)] rounded-lg border bg-popover text-popover-foreground shadow-lg"
        >
          <Found {...props} close={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Found({ me, assignee, team, onGive, close }: Props & { close: () => void }) {
  const { t } = useTranslation("conversations");
  const people = useQuery({ ...assigneesQuery, refetchOnMount: "always" }); // whoever has just come is there
  const teams = useQuery(teamsQuery);
  const error = people.error ?? teams.error;
  if (error) {
    const again = () => void Promise.all([people.refetch(), teams.refetch()]);
    return <ProblemNotice error={error} retry={again} className="m-2" />;
  }
  if (!people.data || !teams.data) return <Loading lines={3} className="p-3" />;
  const mine = people.data.filter((each) => each.email === me);
  const others = people.data.filter((each) => each.email !== me);
  const give = (given: Given, name: string) => {
    onGive(given, name);
    close();
  };
  return (
    <Command label={t("handlings.giving")}>
      <Command.Input
        autoFocus
        placeholder={t("handlings.find")}
        className="w-full border-b bg-transparent px-3 py-2 text-sm outline-none"
      />
      <Command.List className="max-h-72 overflow-y-auto p-1">
        <Command.Empty className="px-3 py-4 text-muted-foreground text-sm">
          {t("handlings.none")}
        </Command.Empty>
        <Command.Group heading={t("handlings.people")} className={HEADING}>
          {[...mine, ...others].map(({ id, email, name }) => (
            <One
              key={id}
              value={`person ${id}`}
              words={[name, email]}
              name={email === me ? t("handlings.you", { who: name || email }) : name || email}
              detail={name ? email : ""}
              chosen={email === assignee}
              onSelect={() => give({ user: id }, name || email)}
            />
          ))}
          {assignee !== "" && (
            <One
              value="nobody"
              words={[t("handlings.no_person")]}
              name={t("handlings.no_person")}
              onSelect={() => give({ user: "" }, "")}
            />
          )}
        </Command.Group>
        {teams.data.length > 0 && (
          <Command.Group heading={t("handlings.teams")} className={HEADING}>
            {teams.data.map(({ id, name, title }) => (
              <One
                key={id}
                value={`team ${id}`}
                words={[name, title]}
                name={title || name}
                detail={title ? name : ""}
                chosen={name === team}
                onSelect={() => give({ team: id }, title || name)}
              />
            ))}
            {team !== "" && (
              <One
                value="no team"
                words={[t("handlings.no_team")]}
                name={t("handlings.no_team")}
                onSelect={() => give({ team: "" }, "")}
              />
            )}
          </Command.Group>
        )}
      </Command.List>
    </Command>
  );
}

type OneProps = {
  value: string;
  words: string[];
  name: string;
  detail?: string;
  chosen?: boolean;
  onSelect: () => void;
};

function One({ value, words, name, detail = "", chosen = false, onSelect }: OneProps) {
  return (
    <Command.Item
      value={value}
      keywords={words}
      onSelect={onSelect}
      className="flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-[13px] data-[selected=true]:bg-accent pointer-coarse:py-2.5"
    >
      <span className="min-w-0 flex-1">
        <span className="block truncate">{name}</span>
        {detail && <span className="block truncate text-muted-foreground text-xs">{detail}</span>}
      </span>
      {chosen && <Check className="size-4 shrink-0" />}
    </Command.Item>
  );
}
