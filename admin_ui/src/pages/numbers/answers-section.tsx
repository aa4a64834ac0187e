import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given } from "../../api/client";
import { ONCE } from "../../api/once";
import { Problem } from "../../api/problems";
import { useMay } from "../../api/session";
import { canaryQuery } from "../../studio/canary";
import { Button } from "../../ui/button";
import { Card, Section } from "../../ui/card";
import { Field } from "../../ui/field";
import { Select } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";
import { toast } from "../../ui/toast";
import { BotAt } from "./number-card";
import { botsQuery, type Num, versionsQuery } from "./queries";

/** Which bot answers, at which version: whatever is published, or one that stays. */
export function AnswersSection({ number }: { number: Num }) {
  const { t } = useTranslation(["numbers", "frame"]);
  const mayAssign = useMay("editor");
  const [changing, setChanging] = useState(false);
  return (
    <Section
      title={t("bot")}
      actions={
        mayAssign &&
        !changing && (
          <Button size="sm" onClick={() => setChanging(true)}>
            {t(number.bot === null ? "assign.first" : "assign.change")}
          </Button>
        )
      }
    >
      {changing ? (
        <Assign number={number} onDone={() => setChanging(false)} />
      ) : (
        <Card className="space-y-1 px-4 py-3">
          <p>
            {number.bot === null ? (
              <BotAt number={number} />
            ) : (
              <Link to="/bots/$bot" params={{ bot: number.bot }} className="hover:underline">
                <BotAt number={number} />
              </Link>
            )}
          </p>
          {number.bot !== null && <Canary bot={number.bot} pinned={number.version !== null} />}
          {number.bot === null && <p className="text-muted-foreground text-xs">{t("assign.none")}</p>}
          {!mayAssign && <p className="text-muted-foreground text-xs">{t("frame:locked.editor")}</p>}
        </Card>
      )}
    </Section>
  );
}

function Assign({ number, onDone }: { number: Num; onDone: () => void }) {
  const { t } = useTranslation(["numbers", "frame"]);
  const queries = useQueryClient();
  const bots = useQuery(botsQuery);
  const [bot, setBot] = useState(number.bot ?? "");
  const [version, setVersion] = useState(number.version === null ? "" : String(number.version));
  const chosen = bot === "" ? (bots.data?.items[0]?.name ?? "") : bot;
  const versions = useQuery(versionsQuery(chosen));
  const assign = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      given(
        api.POST("/api/v1/numbers/{number}/assign", {
          params: { path: { number: number.name }, header: ONCE },
          body: { bot: chosen, version: version === "" ? null : Number(version) },
        }),
      ),
    onSuccess(now) {
      queries.setQueryData(["numbers", "one", number.name], now);
      void queries.invalidateQueries({ queryKey: ["numbers"] });
      toast.done(t("done.assigned", { bot: chosen }));
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    assign.mutate();
  };
  return (
    <Card className="p-4">
      <form onSubmit={submit} className="space-y-4">
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <Field label={t("bot")}>
            <Select
              value={chosen}
              onChange={(event) => {
                setBot(event.target.value);
                setVersion("");
              }}
            >
              {bots.data?.items.map((each) => (
                <option key={each.name} value={each.name}>
                  {each.name}
                </option>
              ))}
            </Select>
          </Field>
          <Field
            label={t("version")}
            hint={version === "" ? t("assign.latest_hint") : t("assign.pinned_hint")}
          >
            <Select value={version} onChange={(event) => setVersion(event.target.value)}>
              <option value="">{t("assign.latest")}</option>
              {versions.data?.items.map((each) => (
                <option key={each.version} value={each.version}>
                  {each.version}
                  {each.message && ` · ${each.message}`}
                </option>
              ))}
            </Select>
          </Field>
        </div>
        <Unfit error={assign.error} />
        <div className="flex gap-2">
          <Button type="submit" variant="primary" busy={assign.isPending} disabled={chosen === ""}>
            {t("assign.go")}
          </Button>
          <Button onClick={onDone}>{t("frame:action.cancel")}</Button>
        </div>
      </form>
    </Card>
  );
}

type Diagnostic = { code?: string; message?: string; file?: string; line?: number };

/** A bot that the checker refuses for this channel: where, and why. */
function Unfit({ error }: { error: unknown }) {
  const { t } = useTranslation("numbers");
  const told =
    error instanceof Problem && error.code === "bots.unfit" ? error.document.diagnostics : undefined;
  if (!Array.isArray(told) || told.length === 0) return <ProblemNotice error={error} />;
  return (
    <Notice kind="problem" title={t("assign.unfit")}>
      <ul className="list-disc space-y-1 pl-4">
        {(told as Diagnostic[]).slice(0, 10).map((each) => (
          <li key={`${each.file}:${each.line}:${each.message}`}>
            {each.file && (
              <code className="text-xs">
                {each.file}:{each.line}
              </code>
            )}{" "}
            {each.message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** A version that a share of new runs gets, where one is tried. */
function Canary({ bot, pinned }: { bot: string; pinned: boolean }) {
  const { t } = useTranslation("numbers");
  const canary = useQuery(canaryQuery(bot));
  if (canary.data?.state !== "open") return null;
  const { percent, canary: trial } = canary.data;
  return (
    <p className="text-muted-foreground text-xs">
      {pinned
        ? t("canary.not_here", { version: trial.version })
        : t("canary.here", { version: trial.version, percent })}
    </p>
  );
}
