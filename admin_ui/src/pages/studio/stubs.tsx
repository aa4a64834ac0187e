import { Plus } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { type Action, QUIET } from "../../studio/outcomes";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Input, Select, Textarea } from "../../ui/input";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuLine, MenuTrigger } from "../../ui/menu";
import { type Line, SENT } from "./happening";

type CallProps = {
  call: Schemas["CallOut"];
  action: Action | undefined;
  onAnswer: (line: Line) => void;
  /** Answers as `stubs.yaml` has it; undefined: it has nothing. */
  onKept: (() => void) | undefined;
  /** Looks for an answer in real conversations; undefined: who looks may not. */
  onRecorded: (() => void) | undefined;
  /** Makes it for real; undefined: who looks may not. */
  onReal: (() => void) | undefined;
  busy: boolean;
};

/** A call that the flow waits for: the author says what comes back, or has it made. */
export function Call({ call, action, onAnswer, onKept, onRecorded, onReal, busy }: CallProps) {
  const { t } = useTranslation("calls");
  const custom = call.action !== "";
  const kind = custom ? "action" : "webhook";
  const outcomes = action?.outcomes.names.filter((each) => !QUIET.includes(each)) ?? [];
  const [body, setBody] = useState("{}");
  const [chosen, setChosen] = useState("");
  const outcome = outcomes.includes(chosen) ? chosen : (outcomes[0] ?? "done");
  const read = parsed(body);
  const answer = (status: number) =>
    onAnswer(
      custom
        ? { action: { step: call.step, outcome, data: read } }
        : { webhook: { step: call.step, returns: { status, json: read } } },
    );
  return (
    <div className="space-y-2 rounded-md border border-dashed p-2 text-xs">
      <p className="break-all font-mono">{custom ? call.action : `${call.method} ${call.url}`}</p>
      {custom && (
        <Select
          aria-label={t("outcome")}
          className="h-7 text-xs"
          value={outcome}
          onChange={(event) => setChosen(event.target.value)}
        >
          {(outcomes.length > 0 ? outcomes : [outcome]).map((each) => (
            <option key={each}>{each}</option>
          ))}
        </Select>
      )}
      <Input
        aria-label={t("answer")}
        className="font-mono text-xs"
        value={body}
        aria-invalid={read === undefined}
        onChange={(event) => setBody(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        {onKept && (
          <Button size="sm" onClick={onKept}>
            {t("by_kept")}
          </Button>
        )}
        <Button size="sm" disabled={read === undefined} onClick={() => answer(200)}>
          {custom ? t("answer_it") : t("answer_ok")}
        </Button>
        {!custom && (
          <Button size="sm" disabled={read === undefined} onClick={() => answer(500)}>
            {t("answer_fail")}
          </Button>
        )}
        <Button size="sm" onClick={() => onAnswer({ [kind]: { step: call.step, fails: "no answer" } })}>
          {t("answer_none")}
        </Button>
        {onRecorded && (
          <Button size="sm" onClick={onRecorded}>
            {t("by_recorded")}
          </Button>
        )}
        {onReal && (
          <Button size="sm" busy={busy} onClick={onReal}>
            {t("real")}
          </Button>
        )}
      </div>
    </div>
  );
}

/** What a call was answered with. */
export function Answered({ line }: { line: Line }) {
  const given = (line.webhook ?? line.action) as
    | {
        fails?: string;
        returns?: { status?: number; json?: unknown; text?: string };
        outcome?: string;
        data?: unknown;
      }
    | undefined;
  if (given === undefined) return null;
  const { fails, returns, outcome, data } = given;
  const words =
    fails ??
    `${returns?.status ?? outcome ?? ""} ${JSON.stringify(returns?.json ?? returns?.text ?? data ?? null)}`;
  return <p className="break-all font-mono text-[11px] text-muted-foreground">{words.slice(0, 500)}</p>;
}

type HappensProps = {
  /** Events that the bot knows, the likeliest first. Asked when one is posted: all flows are read for it. */
  events: () => string[];
  disabled: boolean;
  onLine: (line: Line) => void;
};

/** What else can happen: what a contact sends that is no text, and what others do. */
export function Happens({ events, disabled, onLine }: HappensProps) {
  const { t } = useTranslation("studio");
  const [posts, setPosts] = useState<string[]>(); // the events to choose from
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button
            variant="ghost"
            size="icon"
            aria-label={t("happens.label")}
            title={t("happens.label")}
            disabled={disabled}
          >
            <Plus />
          </Button>
        </MenuTrigger>
        <MenuContent align="start">
          <MenuLabel>{t("happens.sends")}</MenuLabel>
          {SENT.map(({ kind, content }) => (
            <MenuItem key={kind} onSelect={() => onLine({ user: { [kind]: content } })}>
              {t(`happens.${kind}`)}
            </MenuItem>
          ))}
          <MenuLine />
          <MenuItem onSelect={() => setPosts(events())}>{t("happens.event")}</MenuItem>
          <MenuItem onSelect={() => onLine({ undelivered: UNDELIVERED })}>
            {t("happens.undelivered")}
          </MenuItem>
          <MenuItem onSelect={() => onLine({ taken_over: "team" })}>{t("happens.taken_over")}</MenuItem>
        </MenuContent>
      </Menu>
      {posts && (
        <Posting
          events={posts}
          onClose={() => setPosts(undefined)}
          onPost={(name, data) => {
            setPosts(undefined);
            onLine({ event: { name, ...(Object.keys(data).length > 0 ? { data } : {}) } });
          }}
        />
      )}
    </>
  );
}

type PostingProps = {
  events: string[];
  onPost: (name: string, data: Record<string, unknown>) => void;
  onClose: () => void;
};

function Posting({ events, onPost, onClose }: PostingProps) {
  const { t } = useTranslation(["studio", "frame"]);
  const form = useId();
  const [name, setName] = useState(events[0] ?? "");
  const [body, setBody] = useState("{}");
  const data = parsed(body);
  const whole = typeof data === "object" && data !== null && !Array.isArray(data);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (whole && name.trim() !== "") onPost(name.trim(), data as Record<string, unknown>);
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("happens.event")}
      description={t("happens.event_lead")}
      footer={
        <>
          <Button onClick={onClose}>{t("frame:action.cancel")}</Button>
          <Button type="submit" form={form} variant="primary" disabled={!whole || name.trim() === ""}>
            {t("happens.post")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="space-y-3">
        <Field label={t("happens.event_name")}>
          <Input
            autoFocus
            autoComplete="off"
            spellCheck={false}
            list={`${form}-events`}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <datalist id={`${form}-events`}>
          {events.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <Field label={t("happens.event_data")} error={whole ? undefined : t("happens.no_json")}>
          <Textarea
            spellCheck={false}
            className="font-mono text-xs"
            value={body}
            onChange={(event) => setBody(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}

const UNDELIVERED = "131026"; // Cloud API: the message cannot be delivered

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
