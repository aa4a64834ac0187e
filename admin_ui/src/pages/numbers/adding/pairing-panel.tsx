import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, QrCode } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/button";
import { cn } from "../../../ui/cn";
import { CopyButton } from "../../../ui/copy-button";
import { Field } from "../../../ui/field";
import { Input } from "../../../ui/input";
import { Notice, ProblemNotice } from "../../../ui/notice";
import { Spinner } from "../../../ui/spinner";
import { known } from "../health";
import { type Why, wordsOf } from "../why";
import { type Pairing, report } from "./pairing";
import { usePairing } from "./use-pairing";

const PATIENCE_MS = 20_000;
const STEPS = ["waiting", "code", "linking", "online"] as const;

/** The screen that a phone is held before. */
export function PairingPanel({ number }: { number: string }) {
  const { t } = useTranslation("numbers");
  const { pairing, seen, error, begin } = usePairing(number);
  const [typing, setTyping] = useState(false);
  const queries = useQueryClient();
  useEffect(() => {
    if (pairing.step === "online") void queries.invalidateQueries({ queryKey: ["numbers"] });
  }, [pairing.step, queries]);
  return (
    <div className="grid grid-cols-1 gap-6 md:grid-cols-[minmax(0,22rem)_1fr]">
      <div className="flex flex-col items-center gap-3">
        <div
          className={cn(
            "grid aspect-square w-full max-w-88 place-items-center rounded-xl border bg-card p-4",
            pairing.step === "ended" && "max-md:aspect-auto max-md:max-w-none",
          )}
        >
          <Screen pairing={pairing} />
        </div>
        {pairing.step === "code" && (
          <p className="text-center text-muted-foreground text-xs">{t("pair.renews")}</p>
        )}
      </div>
      <div className="space-y-5">
        <Steps pairing={pairing} />
        {error !== undefined && (
          <ProblemNotice error={error} retry={() => void begin()}>
            <CopyButton text={report(number, seen, pairing, error)} label={t("pair.report")} />
          </ProblemNotice>
        )}
        {pairing.step === "waiting" && pairing.why.why !== "" && (
          <Notice kind="warning" title={t("pair.nobody")}>
            <Because why={pairing.why} />
          </Notice>
        )}
        {pairing.step === "code" && !typing && (
          <div className="space-y-3">
            <ol className="list-decimal space-y-1 pl-5">
              {(pairing.code === ""
                ? (["open", "devices", "scan"] as const)
                : (["open", "devices", "type"] as const)
              ).map((each) => (
                <li key={each}>{t(`pair.how.${each}`)}</li>
              ))}
            </ol>
            {pairing.code === "" ? (
              <Button onClick={() => setTyping(true)}>{t("pair.instead")}</Button>
            ) : (
              <Button onClick={() => void begin()}>{t("pair.scan_instead")}</Button>
            )}
          </div>
        )}
        {typing && pairing.step !== "online" && (
          <Phone
            onAsk={(phone) => {
              setTyping(false);
              void begin(phone);
            }}
            onCancel={() => setTyping(false)}
          />
        )}
        {pairing.step === "linking" && (
          <Slow since={pairing.at}>
            <Notice kind="warning" title={t("pair.slow")}>
              <p>{t("pair.slow_detail")}</p>
              <div className="flex flex-wrap gap-2 pt-1">
                <Button size="sm" onClick={() => void begin()}>
                  {t("pair.again")}
                </Button>
                <Button size="sm" onClick={() => setTyping(true)}>
                  {t("pair.instead")}
                </Button>
              </div>
            </Notice>
          </Slow>
        )}
        {pairing.step === "ended" && (
          <Notice kind="problem" title={t(`pair.end.${endOf(pairing.state)}.title`)}>
            {(endOf(pairing.state) !== "unlinked" || pairing.why.why === "") && (
              <p>{t(`pair.end.${endOf(pairing.state)}.detail`)}</p>
            )}
            {pairing.why.why !== "" && <Because why={pairing.why} />}
            <div className="flex flex-wrap items-center gap-2 pt-1">
              <Button size="sm" variant="primary" onClick={() => void begin()}>
                {t("pair.again")}
              </Button>
              <CopyButton text={report(number, seen, pairing)} label={t("pair.report")} />
            </div>
          </Notice>
        )}
        {pairing.step === "online" && (
          <Notice
            kind="success"
            title={
              pairing.account === "" ? t("pair.done") : t("pair.done_as", { account: `+${pairing.account}` })
            }
          >
            {pairing.why.why === "" ? <p>{t("pair.done_detail")}</p> : <Because why={pairing.why} />}
            <div className="pt-1">
              <Button asChild size="sm" variant="primary">
                <Link to="/numbers/$number" params={{ number }}>
                  {t("pair.go")}
                </Link>
              </Button>
            </div>
          </Notice>
        )}
      </div>
    </div>
  );
}

function Because({ why, className }: { why: Why; className?: string }) {
  const { text, lang } = wordsOf(why);
  return (
    <p lang={lang} className={className}>
      {text}
    </p>
  );
}

const ENDS = ["passkey_needed", "banned", "conflict", "logged_out", "paused", "failed"] as const;

function endOf(state: string): (typeof ENDS)[number] | "unlinked" {
  return ENDS.find((each) => each === known(state)) ?? "unlinked";
}

function Screen({ pairing }: { pairing: Pairing }) {
  const { t } = useTranslation("numbers");
  switch (pairing.step) {
    case "code":
      return (
        <div className="relative grid size-full place-items-center">
          {pairing.code === "" ? (
            <img
              src={`data:image/svg+xml;base64,${btoa(pairing.svg)}`}
              alt={t("pair.qr")}
              className="size-full rounded-md bg-white [image-rendering:pixelated]"
            />
          ) : (
            <p className="font-mono font-semibold text-3xl tracking-[0.2em]">
              <span className="sr-only">{t("pair.code")} </span>
              {pairing.code}
            </p>
          )}
          <Ring until={pairing.until} length={pairing.length} />
        </div>
      );
    case "online":
      return <CircleCheck aria-hidden className="size-20 text-success" strokeWidth={1.25} />;
    case "ended":
      return (
        <p className="grid justify-items-center gap-2 text-muted-foreground">
          <QrCode aria-hidden className="size-16 opacity-40" strokeWidth={1} />
          {t("pair.no_code")}
        </p>
      );
    default:
      return (
        <p role="status" className="flex items-center gap-2 text-muted-foreground">
          <Spinner />
          {t(pairing.step === "linking" ? "pair.linking" : "pair.wait")}
        </p>
      );
  }
}

/** What is left of a code's time. */
function Ring({ until, length }: { until: number; length: number }) {
  const { t } = useTranslation("numbers");
  const [left, setLeft] = useState(() => until - Date.now());
  useEffect(() => {
    const tick = () => setLeft(until - Date.now());
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [until]);
  const share = Math.max(0, Math.min(1, left / length));
  const seconds = Math.max(0, Math.ceil(left / 1000));
  return (
    <div
      role="timer"
      aria-label={t("pair.left", { count: seconds })}
      className="-right-2 -bottom-2 absolute grid size-11 place-items-center rounded-full border bg-card"
    >
      <svg viewBox="0 0 36 36" aria-hidden="true" className="-rotate-90 absolute inset-0.5">
        <circle cx="18" cy="18" r="16" fill="none" strokeWidth="3" className="stroke-muted" />
        <circle
          cx="18"
          cy="18"
          r="16"
          fill="none"
          strokeWidth="3"
          pathLength={1}
          strokeDasharray="1 1"
          strokeDashoffset={1 - share}
          className={cn(
            "transition-[stroke-dashoffset] duration-500 ease-linear",
            seconds <= 5 ? "stroke-warning" : "stroke-primary",
          )}
        />
      </svg>
      <span className="text-xs tabular-nums">{seconds}</span>
    </div>
  );
}

function Steps({ pairing }: { pairing: Pairing }) {
  const { t } = useTranslation("numbers");
  const step = pairing.step === "asking" ? "waiting" : pairing.step;
  const at = step === "ended" ? -1 : STEPS.indexOf(step);
  return (
    <ol aria-label={t("pair.steps")} className="flex flex-wrap gap-x-3.5 max-sm:gap-x-1 gap-y-1">
      {STEPS.map((each, index) => (
        <li
          key={each}
          aria-current={index === at ? "step" : undefined}
          className={cn(
            "flex items-center gap-1.5 max-sm:gap-1 text-[13px] text-muted-foreground",
            index === at && "font-medium text-foreground",
            index < at && "text-success",
          )}
        >
          {index < at || (index === at && each === "online") ? (
            <CircleCheck aria-hidden className="size-4" />
          ) : (
            <span
              aria-hidden
              className={cn(
                "grid size-4 place-items-center rounded-full border text-[10px]",
                index === at && "border-primary text-primary",
              )}
            >
              {index + 1}
            </span>
          )}
          {t(`pair.step.${each}`)}
        </li>
      ))}
    </ol>
  );
}

/** Shows its children once it has taken long. */
function Slow({ since, children }: { since: number; children: ReactNode }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), Math.max(0, since + PATIENCE_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [since]);
  return late ? children : null;
}

function Phone({ onAsk, onCancel }: { onAsk: (phone: string) => void; onCancel: () => void }) {
  const { t } = useTranslation(["numbers", "frame"]);
  const [phone, setPhone] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAsk(phone);
  };
  return (
    <form onSubmit={submit} className="max-w-sm space-y-3">
      <Field label={t("pair.phone")} hint={t("pair.phone_hint")}>
        <Input
          type="tel"
          value={phone}
          onChange={(event) => setPhone(event.target.value)}
          pattern="\+?[0-9][0-9 \(\).\/\-]{5,24}"
          title={t("pair.phone_hint")}
          required
          autoComplete="tel"
          autoFocus
        />
      </Field>
      <div className="flex gap-2">
        <Button type="submit" variant="primary">
          {t("pair.ask_code")}
        </Button>
        <Button onClick={onCancel}>{t("frame:action.cancel")}</Button>
      </div>
    </form>
  );
}
