import { useMutation } from "@tanstack/react-query";
import { Bookmark, Undo2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, given, type Schemas } from "../../api/client";
import { ONCE } from "../../api/once";
import type { Draft, Files } from "../../studio/draft";
import type { Action } from "../../studio/outcomes";
import { SpliceRefused } from "../../studio/splice";
import { answerIn, isKept, keeping, linesOf, MOST_KEPT, STUBS, stubFor } from "../../studio/stubs";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { ProblemNotice } from "../../ui/notice";
import { toast } from "../../ui/toast";
import type { Line } from "./happening";
import { Call } from "./stubs";

const RecordedCalls = lazy(async () => ({ default: (await import("./recorded-calls")).RecordedCalls }));

type CallsProps = {
  draft: Draft;
  files: Files;
  talk: Schemas["SimulatedOut"];
  actions: Map<string, Action>;
  onAnswer: (lines: Line[]) => void;
};

/** The calls that a talk waits for: answered by hand, as kept, as in a real conversation, or made for real. One a talk. */
export function Calls({ draft, files, talk, actions, onAnswer }: CallsProps) {
  const { t } = useTranslation("calls");
  const [meant, setMeant] = useState(false); // this talk's calls go out
  const [doubted, setDoubted] = useState<string>(); // the step whose call would be the first
  const [looks, setLooks] = useState<Schemas["CallOut"]>(); // for what its calls were answered with
  const real = useMutation({
    meta: { shown: true },
    mutationFn: (step: string) =>
      given(
        api.POST("/api/v1/bots/{name}/draft/simulate/call", {
          params: { path: { name: draft.bot }, header: ONCE },
          body: { state: talk.state, step },
        }),
      ),
  });
  const make = (step: string) => {
    // What comes back when this talk is over answers nothing.
    real.mutate(step, { onSuccess: ({ line }) => line && onAnswer([line]) });
  };
  return (
    <>
      {talk.calls.map((one) => {
        const stub = stubFor(files, one);
        return (
          <Call
            key={one.step}
            call={one}
            action={actions.get(one.action)}
            onAnswer={(line) => onAnswer([line])}
            onKept={stub && (() => onAnswer(linesOf(one, stub)))}
            onRecorded={draft.editable ? () => setLooks(one) : undefined}
            onReal={draft.editable ? () => (meant ? make(one.step) : setDoubted(one.step)) : undefined}
            busy={real.isPending && real.variables === one.step}
          />
        );
      })}
      {real.data?.later && talk.calls.length > 0 && (
        <p className="text-muted-foreground text-xs">{t("real_later")}</p>
      )}
      <ProblemNotice error={real.error} />
      <Confirm
        open={doubted !== undefined}
        onOpenChange={() => setDoubted(undefined)}
        title={t("real_ask")}
        act={t("real")}
        onConfirm={() => {
          setMeant(true);
          setDoubted(undefined);
          if (doubted !== undefined) make(doubted);
        }}
      >
        {t("real_detail")}
      </Confirm>
      {looks && (
        <Suspense fallback={null}>
          <RecordedCalls
            bot={draft.bot}
            step={looks.step}
            onClose={() => setLooks(undefined)}
            onChoose={(stub) => {
              setLooks(undefined);
              onAnswer(linesOf(looks, stub));
            }}
          />
        </Suspense>
      )}
    </>
  );
}

type KeepProps = {
  draft: Draft;
  files: Files;
  line: Line;
  busy: boolean;
  /** Goes back to the call, for another answer. */
  onOtherwise: () => void;
};

/** Below an answer: next talks and tests may get it too. */
export function KeepAnswer({ draft, files, line, busy, onOtherwise }: KeepProps) {
  const { t } = useTranslation(["calls", "studio"]);
  const answer = answerIn(line);
  if (!answer) return null;
  const { step, stub } = answer;
  const kept = isKept(files, step, stub);
  if (!kept && !draft.editable) return null;
  const long = JSON.stringify(stub).length > MOST_KEPT;
  const keep = () => {
    try {
      const back = draft.edit({ [STUBS]: keeping(draft.now().files, step, stub) });
      toast.done(t("kept", { file: STUBS }), back);
    } catch (error) {
      if (!(error instanceof SpliceRefused)) throw error;
      toast.problem({ title: t("not_kept", { file: STUBS }), detail: error.message });
    }
  };
  return (
    <p className="flex flex-wrap items-center justify-center gap-x-2 text-[11px] text-muted-foreground">
      {kept && <span>{t("as_kept", { file: STUBS })}</span>}
      {kept ? (
        <Button size="sm" variant="ghost" className="h-6 text-[11px]" busy={busy} onClick={onOtherwise}>
          <Undo2 />
          {t("otherwise")}
        </Button>
      ) : (
        <Button
          size="sm"
          variant="ghost"
          className="h-6 text-[11px]"
          disabled={long}
          title={long ? t("too_long") : t("keep_detail", { file: STUBS })}
          onClick={keep}
        >
          <Bookmark />
          {t("keep")}
        </Button>
      )}
    </p>
  );
}
