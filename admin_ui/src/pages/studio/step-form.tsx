import { ArrowDown, ArrowUp, Copy, CornerDownRight, Trash2 } from "lucide-react";
import { lazy, memo, Suspense, useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Acts } from "../../studio/acts";
import type { Flow, Step } from "../../studio/flow-text";
import { type Action, outcomesOf, QUIET } from "../../studio/outcomes";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Input } from "../../ui/input";
import { Checkbox } from "../../ui/switch";
import { placedIn } from "./faults";
import { Diagnostics, Parameters, Said, Target, Typed } from "./form-parts";
import type { Languages } from "./text-language";

// Without a net the form goes without it.
const Bubble = lazy(async () => ({
  default: await import("./bubble").then(
    (loaded) => loaded.Bubble,
    (): typeof import("./bubble").Bubble => memo(() => null),
  ),
}));

type Props = {
  step: Step;
  flow: Flow;
  file: string;
  files: Readonly<Record<string, string>>;
  action: Action | undefined;
  languages: Languages;
  diagnostics: Schemas["DiagnosticOut"][];
  acts: Acts;
  editable: boolean;
  onChoose: (step: string | undefined) => void;
  onSimulate: (step: string) => void;
  onShown: () => void;
  onRemove: () => void;
  onRename: (to: string) => void;
};

/** One step: what it does, as its action's schema has it, and where its outcomes lead. */
export function StepForm({
  step,
  flow,
  file,
  files,
  action,
  languages,
  diagnostics,
  acts,
  editable,
  onChoose,
  onSimulate,
  onShown,
  onRemove,
  onRename,
}: Props) {
  const { t } = useTranslation("studio");
  const shown = useEffectEvent(onShown);
  useEffect(() => shown(), []);
  const place = flow.steps.findIndex((each) => each.id === step.id);
  const outcomes = outcomesOf(step, action, files);
  const faults = placedIn(diagnostics, outcomes);
  const ends = action?.outcomes.ends === true;
  const above = [
    ...faults.rest,
    ...(action ? [] : faults.with.map(({ found }) => found)),
    ...(ends ? faults.next : []),
  ];
  return (
    <div className="space-y-4 p-3">
      <div className="flex items-center justify-between gap-2">
        <p className="text-muted-foreground text-xs">{action?.title ?? step.action}</p>
        <div className="flex">
          <Tool label={t("begin.here")} onClick={() => onSimulate(step.id)}>
            <CornerDownRight />
          </Tool>
          {editable && (
            <>
              <Tool label={t("form.up")} disabled={place <= 0} onClick={() => acts.move(step.id, -1)}>
                <ArrowUp />
              </Tool>
              <Tool
                label={t("form.down")}
                disabled={place >= flow.steps.length - 1}
                onClick={() => acts.move(step.id, 1)}
              >
                <ArrowDown />
              </Tool>
              <Tool
                label={t("form.duplicate")}
                onClick={() => {
                  const id = acts.duplicate(step.id);
                  if (id !== undefined) onChoose(id);
                }}
              >
                <Copy />
              </Tool>
              <Tool label={t("form.delete")} onClick={onRemove}>
                <Trash2 />
              </Tool>
            </>
          )}
        </div>
      </div>
      <Diagnostics found={above} />
      <div className="space-y-1">
        <Id step={step} flow={flow} editable={editable} onRename={onRename} />
        <Said found={faults.id} />
      </div>
      {action && (
        <Parameters
          id={`with-${step.id}`}
          value={step.with}
          schema={action.with_schema}
          hints={action.ui_schema}
          languages={languages}
          found={faults.with}
          acts={acts}
          editable={editable}
          apart={(at, language) =>
            languages.apart(language, `flows/${flow.id}/steps/${step.id}/with/${at.join("/")}`)
          }
          complete={(at, before, signal) => acts.complete(["steps", place, "with", ...at], before, signal)}
          onChanges={(changes) =>
            acts.setAll(
              step.id,
              changes.map(([at, value]): [string[], unknown] => [["with", ...at], value]),
            )
          }
          below={(given) => (
            <Suspense>
              <Bubble
                files={files}
                file={file}
                step={step.id}
                action={step.action}
                given={given}
                language={languages.all.find((each) => each === languages.shown) ?? languages.all[0] ?? "en"}
              />
            </Suspense>
          )}
        />
      )}
      <fieldset className="space-y-2 border-t pt-3">
        <legend className="sr-only">{t("form.then")}</legend>
        <h3 className="font-medium text-[13px]">{t("form.then")}</h3>
        {outcomes.map((outcome) => (
          <Target
            key={outcome}
            label={outcome}
            usual={QUIET.includes(outcome) ? t("form.by_defaults") : t("form.through")}
            to={step.then[outcome]}
            found={faults.then.get(outcome) ?? []}
            flow={flow}
            editable={editable}
            onTo={(to) => acts.connect(step.id, outcome, to)}
          />
        ))}
        {!ends && (
          <Target
            label={t("form.next")}
            usual={t("form.step_below")}
            to={step.next}
            found={faults.next}
            flow={flow}
            editable={editable}
            onTo={(to) => acts.connect(step.id, "", to)}
          />
        )}
      </fieldset>
      <div className="space-y-3 border-t pt-3">
        {(outcomes.includes("timeout") || step.timeout !== undefined) && typeof step.timeout !== "object" && (
          <Typed
            label={t("form.timeout")}
            hint={t("form.timeout_hint")}
            value={step.timeout === undefined ? "" : String(step.timeout)}
            acts={acts}
            editable={editable}
            onValue={(value) => acts.set(step.id, ["timeout"], value)}
          />
        )}
        <Said found={faults.timeout} />
        <Typed
          label={t("form.note")}
          value={step.note}
          acts={acts}
          editable={editable}
          long
          onValue={(value) => acts.set(step.id, ["note"], value)}
        />
        <label htmlFor="step-disabled" className="flex items-center gap-2 text-[13px]">
          <Checkbox
            id="step-disabled"
            checked={step.disabled}
            disabled={!editable}
            onChange={(event) => acts.set(step.id, ["disabled"], event.target.checked || undefined)}
          />
          {t("form.disabled")}
        </label>
      </div>
    </div>
  );
}

function Tool({
  label,
  disabled,
  onClick,
  children,
}: {
  label: string;
  disabled?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}) {
  return (
    <Button
      variant="ghost"
      size="icon-sm"
      aria-label={label}
      title={label}
      disabled={disabled ?? false}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}

function Id({
  step,
  flow,
  editable,
  onRename,
}: {
  step: Step;
  flow: Flow;
  editable: boolean;
  onRename: (to: string) => void;
}) {
  const { t } = useTranslation("studio");
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? step.id;
  const taken = shown !== step.id && flow.steps.some((each) => each.id === shown);
  const wrong = taken
    ? t("form.id_taken")
    : /^[a-z][a-z0-9_]{0,63}$/.test(shown)
      ? undefined
      : t("form.id_hint");
  const done = () => {
    if (typed !== undefined && typed !== step.id && !wrong) onRename(typed);
    setTyped(undefined);
  };
  return (
    <Field label={t("form.id")} error={wrong}>
      <Input
        value={shown}
        readOnly={!editable}
        spellCheck={false}
        className="font-mono text-xs"
        onChange={(event) => setTyped(event.target.value)}
        onBlur={done}
        onKeyDown={(event) => event.key === "Enter" && done()}
      />
    </Field>
  );
}
