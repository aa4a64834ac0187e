import type { FieldTemplateProps, RJSFSchema, UiSchema } from "@rjsf/utils";
import { type ReactNode, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Acts } from "../../studio/acts";
import type { Flow } from "../../studio/flow-text";
import { deepest, differences, drawable } from "../../studio/form-schema";
import { sentence } from "../../studio/sentence";
import { Field } from "../../ui/field";
import { Input, Select, Textarea } from "../../ui/input";
import { Notice } from "../../ui/notice";
import { FieldTemplate, Nothing, ObjectFieldTemplate, WIDGETS } from "../../ui/schema-form/schema-form";
import type { Placed } from "./faults";
import { ParameterForm as Form } from "./parameter-form";
import { Absent, type Context, Entries, Line, TextByLanguage, Words, Yaml } from "./step-fields";
import type { Languages } from "./text-language";

const SOON_MS = 250;
const widgets = { ...WIDGETS, TextWidget: Line };

type Parameters_ = {
  /** What the fields' ids begin with. */
  id: string;
  value: Record<string, unknown>;
  schema: RJSFSchema;
  hints: UiSchema;
  languages: Languages;
  /** What the check says, by path in the value. */
  found?: Placed["with"];
  acts: Acts;
  editable: boolean;
  /** What can stand at a place of the value; undefined: nothing is offered. */
  complete?: Context["complete"];
  apart?: Context["apart"];
  /** Write what differs, by its path in the value; false: it could not be written. */
  onChanges: (changes: [string[], unknown][]) => boolean;
  /** What is drawn below the fields of what they hold; it follows typing, and never holds it up. */
  below?: (value: Record<string, unknown>) => ReactNode;
};

/** What is typed goes into the text a moment later; what changes in the text comes here at once. */
export function Parameters({
  id,
  value,
  schema,
  hints,
  languages,
  found = NOTHING,
  acts,
  editable,
  complete,
  apart,
  onChanges,
  below,
}: Parameters_) {
  const present = Object.keys(value).join(" ");
  const drawn = useMemo(() => drawable(schema, hints, present.split(" ")), [schema, hints, present]);
  const [data, setData] = useState(value);
  const late = useDeferredValue(data);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // What was typed, and upon what: others may change the step meanwhile.
  const waiting = useRef<{ next: Record<string, unknown>; upon: Record<string, unknown> }>(undefined);
  const text = JSON.stringify(value);
  const write = useRef(() => {});
  write.current = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    if (!waiting.current) return;
    const { next, upon } = waiting.current;
    waiting.current = undefined;
    const changes = differences(upon, next);
    if (changes.length === 0 || !onChanges(changes)) setData(value);
  };
  useEffect(() => {
    if (waiting.current === undefined) setData(JSON.parse(text));
  }, [text]);
  useSettled(acts, write);
  const faults = new Map<string, Schemas["DiagnosticOut"][]>();
  for (const { at, found: one } of found) {
    const field = [id, ...deepest(drawn.schema, at)].join("_");
    faults.set(field, [...(faults.get(field) ?? []), one]);
  }
  const context: Context & Told = {
    languages,
    prefix: id,
    found,
    apart,
    complete: editable ? complete : undefined,
    faults,
  };
  return (
    <>
      <Diagnostics found={faults.get(id) ?? []} />
      <Form
        schema={drawn.schema}
        uiSchema={drawn.hints}
        formData={data}
        formContext={context}
        onChange={({ formData }) => {
          const next = (formData ?? {}) as Record<string, unknown>;
          setData(next);
          waiting.current = { next, upon: waiting.current?.upon ?? value };
          // At a pause: what it costs to read a large flow anew never falls between two keys.
          clearTimeout(timer.current);
          timer.current = setTimeout(() => write.current(), SOON_MS);
        }}
        onSubmit={() => undefined}
        widgets={widgets}
        fields={{ TextByLanguage, Entries, Words, Yaml, Absent }}
        templates={{
          FieldTemplate: WithFaults,
          ObjectFieldTemplate,
          TitleFieldTemplate: Nothing,
          DescriptionFieldTemplate: Nothing,
        }}
        readonly={!editable}
        noValidate
        noHtml5Validate
        tagName="div"
        showErrorList={false}
        idPrefix={id}
        experimental_defaultFormStateBehavior={{ emptyObjectFields: "skipDefaults" }}
        className="space-y-4"
      >
        <span />
      </Form>
      {below?.(late)}
    </>
  );
}

const NOTHING: Placed["with"] = [];
type Told = { faults: ReadonlyMap<string, Schemas["DiagnosticOut"][]> };

/** A field, and what the check says of it. */
function WithFaults(props: FieldTemplateProps) {
  const { faults } = props.registry.formContext as Told;
  return (
    <div className="space-y-1">
      <FieldTemplate {...props} />
      {!props.hidden && props.schema.type !== "object" && <Said found={faults.get(props.id) ?? []} />}
    </div>
  );
}

/** What the check says, below what it says it of. */
export function Said({ found, id }: { found: readonly Schemas["DiagnosticOut"][]; id?: string }) {
  const { t } = useTranslation("studio");
  if (found.length === 0) return null;
  return (
    <ul id={id} className="space-y-1 text-xs">
      {found.map((one) => (
        <li
          key={`${one.line}:${one.column}:${one.code}:${one.pointer}`}
          className={one.severity === "error" ? "text-destructive" : "text-warning"}
        >
          <span className="sr-only">{t(`problems.${one.severity}`)}: </span>
          {sentence(one.message)}
          {one.hint && <span className="block text-muted-foreground">{sentence(one.hint)}</span>}
        </li>
      ))}
    </ul>
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

/** Where an outcome leads, as a select. */
export function Target({
  label,
  usual,
  to,
  found = [],
  flow,
  editable,
  onTo,
}: {
  label: string;
  usual: string;
  to: string | undefined;
  found?: Schemas["DiagnosticOut"][];
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
        aria-invalid={!known || found.length > 0 || undefined}
        aria-describedby={found.length > 0 ? `${id}-said` : undefined}
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
      {found.length > 0 && (
        <div className="col-start-2">
          <Said id={`${id}-said`} found={found} />
        </div>
      )}
    </div>
  );
}

/** A line or a text that goes into the flow when it is left. */
export function Typed({
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

/** What the check says of what is shown. */
export function Diagnostics({ found }: { found: Schemas["DiagnosticOut"][] }) {
  return found.map((one) => (
    <Notice
      key={`${one.line}:${one.column}:${one.code}:${one.pointer}`}
      kind={one.severity === "error" ? "problem" : "warning"}
    >
      {sentence(one.message)}
      {one.hint && <span className="block text-muted-foreground text-xs">{sentence(one.hint)}</span>}
    </Notice>
  ));
}
