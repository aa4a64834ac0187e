import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { Problem } from "../../api/problems";
import { useMay } from "../../api/session";
import { Card, Section } from "../../ui/card";
import { KeptNotice } from "../../ui/form";
import { useKept } from "../../ui/kept";
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
  const typed = useKept<Record<string, unknown>>(`number.${number.id}`, number.settings);
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
      typed.saved();
      toast.done(t("done.settings"));
    },
    // Somebody else was faster: what he made of it is shown beside what is typed.
    onError: () => queries.invalidateQueries({ queryKey: ["numbers", "one", number.name] }),
  });
  const properties = Object.keys((channel?.settings.properties ?? {}) as object);
  const { faults, rest } = refused(change.error, properties);
  return (
    <Section title={t("settings.title")} description={t("settings.detail")}>
      <Card className="space-y-4 p-4">
        {channels.isError && <ProblemNotice error={channels.error} retry={() => channels.refetch()} />}
        <KeptNotice
          of={typed}
          labels={Object.fromEntries(properties.map((name) => [name, words(name).title ?? name]))}
        />
        {channel && (
          <Suspense fallback={<Loading lines={6} />}>
            <SchemaForm
              schema={channel.settings}
              data={typed.values}
              onChange={(all) =>
                typed.set(
                  Object.fromEntries(
                    Object.keys({ ...typed.values, ...all }).map((name) => [name, all[name]]),
                  ),
                )
              }
              faults={faults}
              words={words}
              onSave={(settings) => change.mutate(settings)}
              saving={change.isPending}
              readOnly={!mayChange}
              act={t("settings.save")}
            />
          </Suspense>
        )}
        <ProblemNotice error={rest} />
      </Card>
    </Section>
  );
}

/** A setting that the channel refuses says so at its field. */
function refused(error: unknown, properties: string[]): { faults: Record<string, string>; rest: unknown } {
  if (!(error instanceof Problem) || error.code !== "numbers.settings_unfit")
    return { faults: {}, rest: error };
  const name = String(error.document.at).split(".")[0] ?? "";
  if (!properties.includes(name)) return { faults: {}, rest: error };
  return { faults: { [name]: String(error.document.why) }, rest: undefined };
}
