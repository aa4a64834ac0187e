import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "../../../api/session";
import { Button } from "../../../ui/button";
import { Notice, ProblemNotice } from "../../../ui/notice";
import { Page } from "../../../ui/page";
import { Loading } from "../../../ui/skeleton";
import { ChannelIcon, useChannelName } from "../channel";
import { type Channel, channelsQuery } from "../queries";
import { CloudForm } from "./cloud-form";
import { CloudReady } from "./cloud-ready";
import { PairingPanel } from "./pairing-panel";
import { PlainForm } from "./plain-form";

const route = getRouteApi("/frame/numbers/new");

/** Add a number: choose a channel, say what it needs, and see it come alive. */
export function NewPage() {
  const { t } = useTranslation(["numbers", "frame"]);
  const { channel, number } = route.useSearch();
  const mayAdd = useMay("admin");
  const name = useChannelName();
  const channels = useQuery(channelsQuery);
  if (!mayAdd)
    return (
      <Page title={t("add")}>
        <Notice>{t("frame:locked.admin")}</Notice>
      </Page>
    );
  const chosen = channels.data?.find((each) => each.name === channel);
  return (
    <Page title={number ?? t("add")} description={chosen ? name(chosen.name) : t("new.choose")}>
      {channels.isError && <ProblemNotice error={channels.error} retry={() => channels.refetch()} />}
      {channels.isPending && <Loading lines={3} />}
      {channels.data && !chosen && <Choose channels={channels.data} />}
      {chosen && number === undefined && <Ask channel={chosen} />}
      {chosen &&
        number !== undefined &&
        (chosen.links ? <PairingPanel number={number} /> : <CloudReady number={number} />)}
    </Page>
  );
}

function Ask({ channel }: { channel: Channel }) {
  const { t } = useTranslation("numbers");
  return (
    <div className="max-w-xl space-y-5">
      {channel.app_secret_names.length > 0 ? (
        <CloudForm channel={channel} />
      ) : (
        <PlainForm channel={channel} />
      )}
      <Button asChild variant="link">
        <Link to="/numbers/new" search={{}}>
          {t("new.other")}
        </Link>
      </Button>
    </div>
  );
}

const KNOWN = ["linked_device", "cloud_api", "simulator"] as const;
const ORDER: string[] = [...KNOWN];
const POINTS = ["good", "bad", "needs"] as const;

function Choose({ channels }: { channels: Channel[] }) {
  const { t } = useTranslation("numbers");
  const name = useChannelName();
  const order = [...channels].sort((a, b) => place(a.name) - place(b.name));
  return (
    <ul className="grid grid-cols-1 gap-3 lg:grid-cols-3">
      {order.map((each) => {
        const known = KNOWN.find((one) => one === each.name);
        return (
          <li
            key={each.name}
            className="relative rounded-lg border bg-card p-4 transition-colors hover:border-primary/50"
          >
            <div className="mb-2 flex items-center gap-2">
              <ChannelIcon channel={each.name} className="size-5 text-primary" />
              <h2 className="font-semibold">
                <Link
                  to="/numbers/new"
                  search={{ channel: each.name }}
                  className="after:absolute after:inset-0"
                >
                  {name(each.name)}
                </Link>
              </h2>
            </div>
            {known && (
              <dl className="space-y-1.5 text-[13px]">
                {POINTS.map((point) => (
                  <div key={point}>
                    <dt className="inline font-medium">{t(`new.${point}`)} </dt>
                    <dd className="inline text-muted-foreground">{t(`channel.${known}.${point}`)}</dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function place(name: string): number {
  const at = ORDER.indexOf(name);
  return at === -1 ? KNOWN.length : at;
}
