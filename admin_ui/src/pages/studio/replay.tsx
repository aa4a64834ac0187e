import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { told } from "../../api/stream";
import type { Draft } from "../../studio/draft";
import { Dot, type Tone } from "../../ui/badge";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Select } from "../../ui/input";
import { Notice, ProblemNotice } from "../../ui/notice";

type Spoken = Schemas["SpokenOut"];
type Run = Schemas["ReplayedOut"];

const VERDICTS: Run["verdict"][] = ["failed", "path", "ended", "wording", "skipped", "same"];
const TONES: Record<Run["verdict"], Tone> = {
  failed: "bad",
  path: "warning",
  ended: "warning",
  wording: "info",
  skipped: "neutral",
  same: "good",
};
const LAST = [50, 200, 1000];
const SHOWN = 30;

/** What contacts really did, let happen again to the draft: what would differ, and where. */
export function Replay({ draft, numbers }: { draft: Draft; numbers: string[] }) {
  const { t } = useTranslation("publishing");
  const [number, setNumber] = useState(numbers[0] ?? "");
  const [last, setLast] = useState(LAST[0]);
  const [runs, setRuns] = useState<Run[]>([]);
  const [verdict, setVerdict] = useState<Run["verdict"]>();
  const [most, setMost] = useState(SHOWN);
  const [opened, setOpened] = useState<Run>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const replay = useMutation({
    meta: { shown: true },
    mutationFn: async () => {
      await draft.flush();
      setRuns([]);
      setVerdict(undefined);
      stop.current = new AbortController();
      const path = `/api/v1/bots/${encodeURIComponent(draft.bot)}/draft/replay`;
      const events = told<Schemas["ReplayEvents"]>(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ number, last }),
        signal: stop.current.signal,
      });
      for await (const said of events) {
        if (said.event === "run") setRuns((before) => [...before, said.data]);
      }
    },
  });
  const count = (of: Run["verdict"]) => runs.filter((one) => one.verdict === of).length;
  const chosen = runs.filter((one) => one.verdict === verdict);
  return (
    <section className="space-y-3 rounded-md border p-3 text-[13px]" aria-label={t("replay.title")}>
      <div>
        <h3 className="font-medium">{t("replay.title")}</h3>
        <p className="text-muted-foreground text-xs">{t("replay.lead")}</p>
      </div>
      <div className="grid items-end gap-2 sm:grid-cols-[1fr_1fr_auto]">
        <Field label={t("replay.number")}>
          <Select value={number} onChange={(event) => setNumber(event.target.value)}>
            {numbers.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </Field>
        <Field label={t("replay.last")}>
          <Select value={last} onChange={(event) => setLast(Number(event.target.value))}>
            {LAST.map((each) => (
              <option key={each} value={each}>
                {t("replay.runs", { count: each })}
              </option>
            ))}
          </Select>
        </Field>
        <Button busy={replay.isPending} onClick={() => replay.mutate()}>
          <Play />
          {t("replay.act")}
        </Button>
      </div>
      <ProblemNotice error={replay.error} />
      {replay.isSuccess && runs.length === 0 && <p className="text-muted-foreground">{t("replay.none")}</p>}
      {runs.length > 0 && (
        <div role="status" className="flex flex-wrap gap-1.5">
          {VERDICTS.filter((each) => each !== "skipped" || count(each) > 0).map((each) => (
            <Button
              key={each}
              size="sm"
              aria-pressed={verdict === each}
              className={verdict === each ? "bg-accent" : ""}
              disabled={each === "same" || count(each) === 0}
              onClick={() => {
                setVerdict(verdict === each ? undefined : each);
                setMost(SHOWN);
              }}
            >
              <Dot tone={count(each) > 0 ? TONES[each] : "neutral"} />
              {t(`replay.verdict.${each}`)} <span className="tabular-nums">{count(each)}</span>
            </Button>
          ))}
        </div>
      )}
      {chosen.length > 0 && (
        <ul className="max-h-72 divide-y overflow-y-auto">
          {chosen.slice(0, most).map((run) => (
            <li key={run.run}>
              <button
                type="button"
                className="block w-full rounded-sm px-1 py-1.5 text-left hover:bg-muted/60"
                onClick={() => setOpened(run)}
              >
                <span className="block truncate">
                  {firstSaid(run) || t("replay.run_of", { version: run.version })}
                </span>
                {run.why && <span className="block truncate text-muted-foreground text-xs">{run.why}</span>}
              </button>
            </li>
          ))}
          {chosen.length > most && (
            <li className="pt-2">
              <Button size="sm" variant="ghost" onClick={() => setMost(most + SHOWN)}>
                {t("replay.more", { count: chosen.length - most })}
              </Button>
            </li>
          )}
        </ul>
      )}
      {opened && <SideBySide run={opened} number={number} onClose={() => setOpened(undefined)} />}
    </section>
  );
}

/** One run as it was, and as it would be. */
function SideBySide({ run, number, onClose }: { run: Run; number: string; onClose: () => void }) {
  const { t } = useTranslation("publishing");
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(`replay.verdict.${run.verdict}`)}
      description={run.why || t(`replay.says.${run.verdict}`)}
      className="max-w-4xl"
    >
      <div className="space-y-3 text-[13px]">
        {!run.faithful && run.verdict !== "skipped" && (
          <Notice kind="warning">{t("replay.unfaithful", { version: run.version })}</Notice>
        )}
        {run.rows.length > 0 && (
          <table className="w-full table-fixed border-separate border-spacing-x-2 border-spacing-y-1">
            <thead>
              <tr className="text-left text-muted-foreground text-xs">
                <th scope="col" className="font-medium">
                  {t("replay.before", { version: run.version })}
                </th>
                <th scope="col" className="font-medium">
                  {t("replay.after")}
                </th>
              </tr>
            </thead>
            <tbody>
              {run.rows.map((row, place) => {
                const same = row.before?.text === row.after?.text && row.before?.who === row.after?.who;
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as it was said
                  <tr key={place} className="align-top">
                    <Line said={row.before} look={same ? "" : "bg-destructive/10"} />
                    <Line said={row.after} look={same ? "" : "bg-success/12"} />
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
        <Link
          to="/conversations"
          search={{ number, open: run.conversation }}
          className="inline-block underline underline-offset-2"
        >
          {t("replay.conversation")}
        </Link>
      </div>
    </Dialog>
  );
}

const SPEAKERS = ["user", "bot", "team", "owner", "calls", "answers", "event"] as const;

function Line({ said, look }: { said: Spoken | null; look: string }) {
  const { t } = useTranslation("publishing");
  if (said === null) return <td />;
  const speaker = SPEAKERS.find((each) => each === said.who);
  return (
    <td className={cn("rounded-md bg-muted/40 px-2 py-1", look)}>
      <span className="block text-muted-foreground text-xs">
        {speaker ? t(`replay.who.${speaker}`) : said.who.replaceAll("_", " ")}
      </span>
      <span className="whitespace-pre-wrap break-words">{said.text}</span>
    </td>
  );
}

/** What the contact wrote first. */
function firstSaid(run: Run): string {
  return run.rows.find((row) => row.before?.who === "user")?.before?.text ?? "";
}
