import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Circle, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../api/live";
import { Button } from "../../../ui/button";
import { Section } from "../../../ui/card";
import { Copyable } from "../../../ui/copy-button";
import { ProblemNotice } from "../../../ui/notice";
import { Loading } from "../../../ui/skeleton";
import { stateOf } from "../health";
import { appsQuery, numberQuery, overviewQuery } from "../queries";
import { keptToken } from "./verify-token";

/** What is left to do at the vendor's, and a list that ticks as it happens. */
export function CloudReady({ number: name }: { number: string }) {
  const { t } = useTranslation("numbers");
  const number = useQuery(numberQuery(name));
  const overview = useQuery(overviewQuery);
  useLive("conversations", (change) => {
    if (change.number === number.data?.id) void overview.refetch();
  });
  if (number.isError) return <ProblemNotice error={number.error} retry={() => number.refetch()} />;
  if (!number.data) return <Loading />;
  const figures = overview.data?.numbers.find((each) => each.number === number.data.id);
  const done = {
    online: stateOf(number.data) === "online",
    received: (figures?.received ?? 0) > 0,
    sent: (figures?.sent ?? 0) > 0,
  };
  return (
    <div className="max-w-2xl space-y-6">
      <Hook app={number.data.app} />
      <Section title={t("ready.title")} description={t("ready.detail")}>
        <ul className="space-y-2">
          {(["online", "received", "sent"] as const).map((each) => (
            <li key={each} className="flex items-center gap-2">
              {done[each] ? (
                <CircleCheck aria-label={t("ready.done")} className="size-4 text-success" />
              ) : (
                <Circle aria-label={t("ready.waits")} className="size-4 text-muted-foreground" />
              )}
              {t(`ready.${each}`)}
            </li>
          ))}
        </ul>
      </Section>
      <Button asChild variant="primary">
        <Link to="/numbers/$number" params={{ number: name }}>
          {t("pair.go")}
        </Link>
      </Button>
    </div>
  );
}

/** The webhook's address and verify token, to copy. */
export function Hook({ app: name }: { app: string | null | undefined }) {
  const { t } = useTranslation("numbers");
  const apps = useQuery(appsQuery);
  const app = apps.data?.items.find((each) => each.name === name);
  if (apps.isError) return <ProblemNotice error={apps.error} />;
  if (!app) return null;
  const address = app.hook.startsWith("/") ? `${location.origin}${app.hook}` : app.hook;
  const token = keptToken(app.name);
  return (
    <Section title={t("hook.title")} description={t("hook.detail")}>
      <dl className="grid grid-cols-1 gap-3">
        <div className="grid grid-cols-1 gap-1">
          <dt className="font-medium text-[13px]">{t("hook.address")}</dt>
          <dd>
            <Copyable text={address} label={t("hook.copy_address")} />
          </dd>
        </div>
        <div className="grid grid-cols-1 gap-1">
          <dt className="font-medium text-[13px]">{t("hook.token")}</dt>
          <dd>
            {token === undefined ? (
              <p className="text-muted-foreground text-xs">{t("hook.hidden")}</p>
            ) : (
              <Copyable text={token} label={t("hook.copy_token")} />
            )}
          </dd>
        </div>
      </dl>
      {!/^https:/.test(address) && <p className="text-warning text-xs">{t("hook.not_public")}</p>}
    </Section>
  );
}
