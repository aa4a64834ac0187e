import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Field } from "../../ui/field";
import { Form } from "../../ui/form";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Section, useDo } from "./section";

type Limits = Schemas["Limits"];
type Kind = keyof Limits;
const KEY = ["retention"];
const KINDS: Kind[] = ["messages_days", "data_days", "audit_days"];

export function Retention() {
  return (
    <Section place="retention" needs="admin">
      <Read />
    </Section>
  );
}

function Read() {
  const limits = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => given(api.GET("/api/v1/retention", { signal })),
  });
  if (limits.isPending) return <Loading lines={3} />;
  if (limits.isError) return <ProblemNotice error={limits.error} retry={() => limits.refetch()} />;
  return <Limiting limits={limits.data} />;
}

function Limiting({ limits }: { limits: Limits }) {
  const { t, i18n } = useTranslation(["settings", "frame"]);
  const typed = useKept(
    "retention",
    Object.fromEntries(KINDS.map((kind) => [kind, limits[kind] === null ? "" : String(limits[kind])])),
  );
  const days = typed.values;
  const client = useQueryClient();
  const [asks, setAsks] = useState(false);
  const wanted = Object.fromEntries(
    KINDS.map((kind) => [kind, days[kind] === "" ? null : Number(days[kind])]),
  ) as Limits;
  const count = useDo((body: Limits) => given(api.POST("/api/v1/retention/dry-run", { body })), {
    shown: true,
    onDone: () => setAsks(true),
  });
  const save = useDo((body: Limits) => given(api.PUT("/api/v1/retention", { body })), {
    anew: KEY,
    done: t("saved"),
    shown: true,
    onDone: (now) => {
      client.setQueryData(KEY, now);
      typed.saved();
      setAsks(false);
    },
  });
  const old = Object.entries(count.data ?? {}).filter(([, rows]) => rows > 0);
  const dirty = KINDS.some((kind) => wanted[kind] !== limits[kind]);
  return (
    <Form
      of={typed}
      labels={Object.fromEntries(KINDS.map((kind) => [kind, t(`retention.${kind}`)]))}
      error={count.error}
      fields={KINDS}
      onSend={() => count.mutate(wanted)}
      className="max-w-xl space-y-4"
      foot={
        <>
          <Button type="submit" variant="primary" busy={count.isPending} disabled={!dirty}>
            {t("frame:action.save")}
          </Button>
          <Confirm
            open={asks}
            onOpenChange={setAsks}
            title={t("retention.ask")}
            act={t("frame:action.save")}
            danger={old.length > 0}
            busy={save.isPending}
            error={save.error}
            onConfirm={() => save.mutate(wanted)}
          >
            {old.length === 0 ? (
              <p>{t("retention.nothing")}</p>
            ) : (
              <>
                <p>{t("retention.goes")}</p>
                <dl className="grid grid-cols-[auto_1fr] gap-x-4 text-[13px]">
                  {old.map(([name, rows]) => (
                    <div key={name} className="contents">
                      <dt className="text-muted-foreground">{name.replaceAll("_", " ")}</dt>
                      <dd className="tabular-nums">{rows.toLocaleString(i18n.language)}</dd>
                    </div>
                  ))}
                </dl>
              </>
            )}
          </Confirm>
        </>
      }
    >
      {(fault) =>
        KINDS.map((kind) => (
          <Field
            key={kind}
            label={t(`retention.${kind}`)}
            hint={t(`retention.${kind}_hint`)}
            error={fault(kind)}
          >
            <Input
              type="number"
              className="sm:w-44"
              min={1}
              max={36_500}
              placeholder={t("retention.for_good")}
              value={days[kind] ?? ""}
              onChange={(event) => typed.set({ [kind]: event.target.value })}
            />
          </Field>
        ))
      }
    </Form>
  );
}
