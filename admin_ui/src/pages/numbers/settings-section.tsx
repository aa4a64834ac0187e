import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { useMay } from "../../api/session";
import { Card, Section } from "../../ui/card";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { toast } from "../../ui/toast";
import { channelsQuery, type Num } from "./queries";
import { useSettingWords } from "./setting-words";

const SchemaForm = lazy(() => import("../../ui/schema-form/schema-form"));

/** Pace, quiet hours, manners: what the channel's driver lets people set, drawn from its schema. */
export function SettingsSection({ number }: { number: Num }) {
  const { t } = useTranslation("numbers");
  const mayChange = useMay("admin");
  const queries = useQueryClient();
  const channels = useQuery(channelsQuery);
  const channel = channels.data?.find((each) => each.name === number.channel);
  const words = useSettingWords(channel);
  const change = useMutation({
    meta: { shown: true },
    mutationFn: (settings: Record<string, unknown>) =>
      given(
        api.PATCH("/api/v1/numbers/{number}", {
          params: { path: { number: number.name }, header: { "if-match": `"${number.etag}"` } },
          body: { settings },
        }),
      ),
    onSuccess(now) {
      queries.setQueryData(["numbers", "one", number.name], now);
      toast.done(t("done.settings"));
    },
  });
  return (
    <Section title={t("settings.title")} description={t("settings.detail")}>
      <Card className="space-y-4 p-4">
        {channels.isError && <ProblemNotice error={channels.error} retry={() => channels.refetch()} />}
        {channel && (
          <Suspense fallback={<Loading lines={6} />}>
            <SchemaForm
              schema={channel.settings}
              data={number.settings}
              words={words}
              onSave={(settings) => change.mutate(settings)}
              saving={change.isPending}
              readOnly={!mayChange}
              act={t("settings.save")}
            />
          </Suspense>
        )}
        <ProblemNotice error={change.error} />
      </Card>
    </Section>
  );
}
