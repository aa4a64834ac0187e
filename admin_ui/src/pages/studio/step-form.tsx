import { withTheme } from "@rjsf/core";
import { Theme } from "@rjsf/shadcn";
import { ArrowDown, ArrowUp, Copy, Trash2 } from "lucide-react";
import { useEffect, useEffectEvent, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Acts } from "../../studio/acts";
import { type Flow, leadingTo, type Step } from "../../studio/flow-text";
import { differences, drawable } from "../../studio/form-schema";
import { type Action, outcomesOf, QUIET } from "../../studio/outcomes";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Input, Select, Textarea } from "../../ui/input";
import { Notice } from "../../ui/notice";
import { FieldTemplate, Nothing, WIDGETS } from "../../ui/schema-form/schema-form";
import { validator } from "../../ui/schema-form/validator";
import { Checkbox } from "../../ui/switch";
import { toast } from "../../ui/toast";
import { Absent, type Context, Entries, Line, TextByLanguage, Words, Yaml } from "./step-fields";

const Form = withTheme(Theme);
const SOON_MS = 250;
const widgets = { ...WIDGETS, TextWidget: Line };

type Props = {
  step: Step;
  flow: Flow;
  files: Readonly<Record<string, string>>;
  action: Action | undefined;
  languages: string[];
  diagnostics: Schemas["DiagnosticOut"][];
  acts: Acts;
  editable: boolean;
  onChoose: (step: string | undefined) => void;
  onShown: () => void;
  onRename: (to: string) => void;
};

/** One step: what it does, as its action's schema has it, and where its outcomes lead. */
export function StepForm({
  step,
  flow,
  files,
  action,
  languages,
  diagnostics,
  acts,
  editable,
  onChoose,
  onShown,
  onRename,
}: Props) {
  const { t } = useTranslation("studio");
  const shown = useEffectEvent(onShown);
  useEffect(() => shown(), []);
  const place = flow.steps.findIndex((each) => each.id === step.id);
  const outcomes = outcomesOf(step, action, files);
  const remove = () => {
    const back = acts.remove([step.id]);
    if (!back) return;
    onChoose(flow.steps[place + 1]?.id ?? flow.steps[place - 1]?.id);
    const still = leadingTo(flow, [step.id]);
    const said = t("form.removed", { step: step.id });
    toast.done(still.length === 0 ? said : `${said}. ${t("form.still", { steps: still.join(", ") })}`, back);
  };
  return (
    <div className="space-y-4 p-3">
      <div className="flex items-center justify-between gap-2">
        <p className="text-muted-foreground text-xs">{action?.title ?? step.action}</p>
        {editable && (
          <div className="flex">
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
            <Tool label={t("form.delete")} onClick={remove}>
              <Trash2 />
            </Tool>
          </div>
        )}
      </div>
      {diagnostics.map((one) => (
        <Notice
          key={`${one.line}:${one.column}:${one.code}:${one.pointer}`}
          kind={one.severity === "error" ? "problem" : "warning"}
        >
          {one.message}
          {one.hint && <span className="block text-muted-foreground text-xs">{one.hint}</span>}
        </Notice>
      ))}
      <Id step={step} flow={flow} editable={editable} onRename={onRename} />
      {action && <With step={step} action={action} languages={languages} acts={acts} editable={editable} />}
      <fieldset className="space-y-2 border-t pt-3">
        <legend className="sr-only">{t("form.then")}</legend>
        <h3 className="font-medium text-[13px]">{t("form.then")}</h3>
        {outcomes.map((outcome) => (
          <Target
            key={outcome}
            label={outcome}
            usual={QUIET.includes(outcome) ? t("form.by_defaults") : t("form.through")}
            to={step.then[outcome]}
            flow={flow}
            editable={editable}
            onTo={(to) => acts.connect(step.id, outcome, to)}
          />
        ))}
        {!action?.outcomes.ends && (
          <Target
            label={t("form.next")}
            usual={t("form.step_below")}
            to={step.next}
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

/** What is typed goes into the text a moment later; what changes in the text comes here at once. */
function With({
  step,
  action,
  languages,
  acts,
  editable,
}: {
  step: Step;
  action: Action;
  languages: string[];
  acts: Acts;
  editable: boolean;
}) {
  const present = Object.keys(step.with).join(" ");
  const drawn = useMemo(
    () => drawable(action.with_schema, action.ui_schema, present.split(" ")),
    [action, present],
  );
  const [data, setData] = useState(step.with);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // What was typed, and upon what: others may change the step meanwhile.
  const waiting = useRef<{ next: Record<string, unknown>; upon: Record<string, unknown> }>(undefined);
  const text = JSON.stringify(step.with);
  const write = useRef(() => {});
  write.current = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    if (!waiting.current) return;
    const { next, upon } = waiting.current;
    waiting.current = undefined;
    const changes = differences(upon, next).map(([at, value]): [string[], unknown] => [
      ["with", ...at],
      value,
    ]);
    if (changes.length === 0 || !acts.setAll(step.id, changes)) setData(step.with);
  };
  useEffect(() => {
    if (waiting.current === undefined) setData(JSON.parse(text));
  }, [text]);
  useSettled(acts, write);
  const prefix = `with-${step.id}`;
  const context: Context = {
    languages,
    prefix,
    complete: editable ? (at, before, signal) => acts.complete(step.id, at, before, signal) : undefined,
  };
  return (
    <Form
      schema={drawn.schema}
      uiSchema={drawn.hints}
      formData={data}
      formContext={context}
      onChange={({ formData }) => {
        const next = (formData ?? {}) as Record<string, unknown>;
        setData(next);
        waiting.current = { next, upon: waiting.current?.upon ?? step.with };
        timer.current ??= setTimeout(() => write.current(), SOON_MS); // also while typing goes on
      }}
      onSubmit={() => undefined}
      validator={validator}
      widgets={widgets}
      fields={{ TextByLanguage, Entries, Words, Yaml, Absent }}
      templates={{ FieldTemplate, TitleFieldTemplate: Nothing, DescriptionFieldTemplate: Nothing }}
      readonly={!editable}
      noValidate
      noHtml5Validate
      tagName="div"
      showErrorList={false}
      idPrefix={prefix}
      experimental_defaultFormStateBehavior={{ emptyObjectFields: "skipDefaults" }}
      className="space-y-4"
    >
      <span />
    </Form>
  );
}

/** What is left, by another field, step or page, or changed by somebody else, is in the text before that. */
function useSettled(acts: Acts, write: { readonly current: () => void }): void {
  useEffect(() => {
    const settle = () => write.current();
    const forget = acts.typing(settle);
    window.addEventListener("beforeunload", settle, { capture: true });
    window.addEventListener("pagehide", settle);
    document.addEventListener("focusout", settle);
    return () => {
      forget();
      window.removeEventListener("beforeunload", settle, { capture: true });
      window.removeEventListener("pagehide", settle);
      document.removeEventListener("focusout", settle);
      settle();
    };
  }, [acts, write]);
}

function Target({
  label,
  usual,
  to,
  flow,
  editable,
  onTo,
}: {
  label: string;
  usual: string;
  to: string | undefined;
  flow: Flow;
  editable: boolean;
  onTo: (to: string | undefined) => void;
}) {
  const { t } = useTranslation("studio");
  const id = useId();
  const known = to === undefined || to === "stop" || flow.steps.some((step) => step.id === to);
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] items-center gap-2 text-[13px]">
      <label htmlFor={id} title={label} className="truncate font-mono text-xs">
        {label}
      </label>
      <Select
        id={id}
        value={to ?? ""}
        disabled={!editable}
        aria-invalid={!known || undefined}
        onChange={(event) => onTo(event.target.value === "" ? undefined : event.target.value)}
      >
        <option value="">{usual}</option>
        {flow.steps.map((step) => (
          <option key={step.id} value={step.id}>
            {step.id}
          </option>
        ))}
        <option value="stop">{t("form.stop")}</option>
        {!known && <option value={to}>{t("form.unknown", { step: to })}</option>}
      </Select>
    </div>
  );
}

function Typed({
  label,
  hint,
  value,
  acts,
  editable,
  long,
  onValue,
}: {
  label: string;
  hint?: string;
  value: string;
  acts: Acts;
  editable: boolean;
  long?: boolean;
  onValue: (value: string | undefined) => void;
}) {
  const [typed, setTyped] = useState<string>();
  const waiting = useRef<string>(undefined);
  const write = useRef(() => {});
  write.current = () => {
    const said = waiting.current?.trim();
    waiting.current = undefined;
    if (said !== undefined && said !== value) onValue(said === "" ? undefined : said);
    setTyped(undefined);
  };
  useSettled(acts, write);
  const shared = {
    value: typed ?? value,
    readOnly: !editable,
    onChange: (event: { target: { value: string } }) => {
      waiting.current = event.target.value;
      setTyped(event.target.value);
    },
  };
  return (
    <Field label={label} hint={hint}>
      {long ? <Textarea rows={2} {...shared} /> : <Input {...shared} />}
    </Field>
  );
}
