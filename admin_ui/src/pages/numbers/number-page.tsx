import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Ellipsis, MessageSquare, Pause, Play, QrCode, RotateCw, Trash2, Unlink } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { useMay } from "../../api/session";
import { useCommands } from "../../frame/commands";
import { Button } from "../../ui/button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "../../ui/menu";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Page } from "../../ui/page";
import { Loading } from "../../ui/skeleton";
import { toast } from "../../ui/toast";
import { Hook } from "./adding/cloud-ready";
import { AnswersSection } from "./answers-section";
import { ChannelIcon, useChannelName } from "./channel";
import { FiguresSection } from "./figures-section";
import { StateBadge, stateOf, useWhy } from "./health";
import { HealthSection } from "./health-section";
import { channelsQuery, type Num, numberQuery } from "./queries";
import { Removal } from "./removal";
import { SettingsSection } from "./settings-section";
import { Unlinking } from "./unlinking";

const route = getRouteApi("/frame/numbers/$number");
const UNLINKED = ["unlinked", "logged_out", "passkey_needed"];

export function NumberPage() {
  const { number: name } = route.useParams();
  const number = useQuery(numberQuery(name));
  if (number.isError)
    return (
      <Page title={name}>
        <ProblemNotice error={number.error} retry={() => number.refetch()} />
      </Page>
    );
  if (!number.data)
    return (
      <Page title={name}>
        <Loading />
      </Page>
    );
  return <Shown number={number.data} />;
}

function Shown({ number }: { number: Num }) {
  const { t } = useTranslation(["numbers", "frame"]);
  const channel = useChannelName();
  const why = useWhy();
  const mayChange = useMay("admin");
  const channels = useQuery(channelsQuery);
  const links = channels.data?.find((each) => each.name === number.channel)?.links ?? false;
  const state = stateOf(number);
  const unlinked = links && UNLINKED.includes(state);
  return (
    <Page
      title={number.name}
      beside={<StateBadge state={state} />}
      description={
        <span className="inline-flex items-center gap-1.5">
          <ChannelIcon channel={number.channel} />
          {channel(number.channel)}
          {number.channel === "cloud_api" && <code className="text-xs">{number.account}</code>}
        </span>
      }
      actions={<Actions number={number} links={links} unlinked={unlinked} />}
    >
      {!mayChange && <Notice>{t("locked")}</Notice>}
      {state !== "online" && (
        <Notice
          kind={state === "paused" || state === "connecting" ? "info" : "warning"}
          title={t(`state.${state}.name`)}
        >
          <p>{why(number)}</p>
        </Notice>
      )}
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="space-y-8">
          <FiguresSection number={number} />
          <AnswersSection number={number} />
          {number.app !== null && mayChange && <Hook app={number.app} />}
          <SettingsSection key={number.id} number={number} />
        </div>
        <HealthSection number={number} links={links} />
      </div>
    </Page>
  );
}

function Actions({ number, links, unlinked }: { number: Num; links: boolean; unlinked: boolean }) {
  const { t } = useTranslation("numbers");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayChange = useMay("admin");
  const mayChat = useMay("agent");
  const [open, setOpen] = useState<"unlink" | "remove">();
  const path = { number: number.name };
  const told = (key: "done.paused" | "done.resumed" | "done.restarted", undo?: () => void) => {
    void queries.invalidateQueries({ queryKey: ["numbers"] });
    toast.done(t(key, { name: number.name }), undo);
  };
  const { mutate: pause, isPending: pausing } = useMutation({
    mutationFn: () => given(api.POST("/api/v1/numbers/{number}/pause", { params: { path } })),
    onSuccess: () => told("done.paused", resume),
  });
  const { mutate: resume, isPending: resuming } = useMutation({
    mutationFn: () => given(api.POST("/api/v1/numbers/{number}/resume", { params: { path } })),
    onSuccess: () => told("done.resumed"),
  });
  const { mutate: restart } = useMutation({
    mutationFn: () => given(api.POST("/api/v1/numbers/{number}/session/restart", { params: { path } })),
    onSuccess: () => told("done.restarted"),
  });
  const { mutate: chat, isPending: opening } = useMutation({
    mutationFn: () => given(api.POST("/api/v1/numbers/{number}/simulator-links", { params: { path } })),
    onSuccess: ({ path: link }) => window.open(link, "_blank", "noopener"),
  });
  const stopped = number.desired === "paused" || number.state === "failed" || number.state === "stopped";
  const commands = useMemo(
    () =>
      mayChange
        ? [
            stopped
              ? { name: t("act.resume"), icon: Play, run: () => resume() }
              : { name: t("act.pause"), icon: Pause, run: () => pause() },
          ]
        : [],
    [mayChange, stopped, t, pause, resume],
  );
  useCommands(commands);
  return (
    <>
      {number.channel === "simulator" && mayChat && (
        <Button variant="primary" busy={opening} onClick={() => chat()}>
          <MessageSquare aria-hidden />
          {t("act.chat")}
        </Button>
      )}
      {mayChange && unlinked && number.desired === "running" && (
        <Button asChild variant="primary">
          <Link to="/numbers/new" search={{ channel: number.channel, number: number.name }}>
            <QrCode aria-hidden />
            {t("act.link")}
          </Link>
        </Button>
      )}
      {mayChange &&
        (stopped ? (
          <Button busy={resuming} onClick={() => resume()}>
            <Play aria-hidden />
            {t("act.resume")}
          </Button>
        ) : (
          <Button busy={pausing} onClick={() => pause()}>
            <Pause aria-hidden />
            <span className="max-sm:sr-only">{t("act.pause")}</span>
          </Button>
        ))}
      {mayChange && (
        <Menu>
          <MenuTrigger asChild>
            <Button size="icon" aria-label={t("act.more")}>
              <Ellipsis />
            </Button>
          </MenuTrigger>
          <MenuContent>
            {links && !unlinked && (
              <>
                <MenuItem onSelect={() => restart()} disabled={number.desired !== "running"}>
                  <RotateCw aria-hidden />
                  {t("act.restart")}
                </MenuItem>
                <MenuItem danger onSelect={() => setOpen("unlink")} disabled={number.desired !== "running"}>
                  <Unlink aria-hidden />
                  {t("act.unlink")}
                </MenuItem>
              </>
            )}
            <MenuItem danger onSelect={() => setOpen("remove")}>
              <Trash2 aria-hidden />
              {t("act.remove")}
            </MenuItem>
          </MenuContent>
        </Menu>
      )}
      <Unlinking number={number} open={open === "unlink"} onClose={() => setOpen(undefined)} />
      <Removal
        number={number}
        open={open === "remove"}
        onClose={() => setOpen(undefined)}
        onDone={() => navigate({ to: "/numbers" })}
      />
    </>
  );
}
