import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { useMay } from "../../api/session";
import { Button } from "../../ui/button";
import { Copyable } from "../../ui/copy-button";
import { Field } from "../../ui/field";
import { Form } from "../../ui/form";
import { Input } from "../../ui/input";
import { useKept } from "../../ui/kept";
import { Notice, ProblemNotice } from "../../ui/notice";
import { Loading } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { Section, useDo } from "./section";

type Shown = Schemas["WorkspaceOut"];
const KEY = ["workspace"];

/** Whose all of this is: its name, its id, its key, how much there is. */
export function Workspace() {
  return (
    <Section place="workspace">
      <Read />
    </Section>
  );
}

function Read() {
  const found = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => given(api.GET("/api/v1/workspace", { signal })),
  });
  if (found.isPending) return <Loading lines={4} />;
  if (found.isError) return <ProblemNotice error={found.error} retry={() => found.refetch()} />;
  return <About shown={found.data} />;
}

function About({ shown }: { shown: Shown }) {
  const { t, i18n } = useTranslation("settings");
  const count = (many: number) => many.toLocaleString(i18n.language);
  return (
    <div className="max-w-xl space-y-6">
      <Naming shown={shown} />
      <Facts>
        <Fact name={t("workspace.id")}>
          <Copyable text={shown.id} label={t("copy")} />
        </Fact>
        <Fact name={t("workspace.made")}>
          <Time at={shown.created_at} />
        </Fact>
        <Fact name={t("workspace.numbers")}>{count(shown.numbers)}</Fact>
        <Fact name={t("workspace.bots")}>{count(shown.bots)}</Fact>
        <Fact name={t("workspace.people")}>{count(shown.people)}</Fact>
      </Facts>
      <div className="space-y-2">
        <h3 className="font-medium">{t("workspace.key")}</h3>
        <p className="text-pretty text-[13px] text-muted-foreground">{t("workspace.key_detail")}</p>
        <Facts>
          <Fact name={t("workspace.key_made")}>
            <Time at={shown.key_made_at} />
          </Fact>
          <Fact name={t("workspace.key_wrapped")}>
            <Time at={shown.key_wrapped_at} />
          </Fact>
          <Fact name={t("workspace.master")}>
            <code className="break-all">{shown.master_key}</code>
          </Fact>
        </Facts>
      </div>
    </div>
  );
}

function Naming({ shown }: { shown: Shown }) {
  const { t } = useTranslation(["settings", "frame"]);
  const may = useMay("admin");
  const client = useQueryClient();
  const typed = useKept("workspace", { name: shown.name });
  const { name } = typed.values;
  const save = useDo(() => given(api.PATCH("/api/v1/workspace", { body: { name: name.trim() } })), {
    done: t("workspace.named"),
    shown: true,
    onDone: (now) => {
      client.setQueryData(KEY, now);
      typed.saved();
    },
  });
  return (
    <>
      {!may && <Notice>{t("workspace.locked")}</Notice>}
      <Form
        of={typed}
        labels={{ name: t("workspace.name") }}
        error={save.error}
        fields={["name"]}
        onSend={() => save.mutate(undefined)}
        foot={
          may && (
            <Button type="submit" variant="primary" busy={save.isPending} disabled={!typed.dirty}>
              {t("frame:action.save")}
            </Button>
          )
        }
      >
        {(fault) => (
          <Field label={t("workspace.name")} error={fault("name")}>
            <Input
              required
              maxLength={100}
              readOnly={!may}
              value={name}
              onChange={(event) => typed.set({ name: event.target.value })}
            />
          </Field>
        )}
      </Form>
    </>
  );
}

function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-1.5 text-[13px]">{children}</dl>;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground">{name}</dt>
      <dd className="min-w-0 break-words tabular-nums">{children}</dd>
    </>
  );
}
