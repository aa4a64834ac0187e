/**
 * A form that a JSON Schema draws (rjsf), in our look: label, hint and fault as `Field` has them. Fetched when a page
 * shows one: `const SchemaForm = lazy(() => import("@/ui/schema-form/schema-form"))`.
 */
import {
  ariaDescribedByIds,
  type FieldProps,
  type FieldTemplateProps,
  type ObjectFieldTemplateProps,
  type RJSFSchema,
  type UiSchema,
  type WidgetProps,
} from "@rjsf/utils";
import { lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../button";
import { Input, Select, Textarea } from "../input";
import { Checkbox } from "../switch";

export type Hints = { title?: string; help?: string; options?: Record<string, string> };

type Props = {
  schema: RJSFSchema;
  data: Record<string, unknown>;
  /** Called with all that is filled in, at each change. */
  onChange?: (data: Record<string, unknown>) => void;
  /** What is wrong with a property, as the server says it. */
  faults?: Record<string, string>;
  /** Words for a property in the person's language, where there are some. */
  words: (property: string) => Hints;
  onSave: (data: Record<string, unknown>) => void;
  saving: boolean;
  readOnly?: boolean;
  /** What the button says. */
  act: string;
};

const Form = lazy(() => import("./whole-form"));

export default function SchemaForm({
  schema,
  data,
  words,
  onChange,
  faults = {},
  onSave,
  saving,
  readOnly,
  act,
}: Props) {
  const wrong = Object.entries(faults).map(([name, why]) => [name, { __errors: [why] }]);
  return (
    <Form
      schema={worded(schema, words)}
      uiSchema={hints(schema, words)}
      formData={data}
      onChange={({ formData }) => onChange?.(formData ?? {})}
      extraErrors={Object.fromEntries(wrong)}
      onSubmit={({ formData }) => onSave(formData ?? {})}
      onError={() => undefined} // else rjsf writes to the console what the fields say
      widgets={WIDGETS}
      fields={{ NumberOrOff }}
      templates={{
        FieldTemplate,
        ObjectFieldTemplate,
        TitleFieldTemplate: Nothing,
        DescriptionFieldTemplate: Nothing,
      }}
      readonly={readOnly ?? false}
      noHtml5Validate
      showErrorList={false}
      focusOnFirstError
      omitExtraData
      className="space-y-4"
    >
      {readOnly ? (
        <span />
      ) : (
        <Button type="submit" variant="primary" busy={saving}>
          {act}
        </Button>
      )}
    </Form>
  );
}

export const WIDGETS = { TextWidget: Text, SelectWidget: Choice, TextareaWidget: Long, CheckboxWidget: Tick };

type Properties = Record<string, RJSFSchema>;

function worded(schema: RJSFSchema, words: Props["words"]): RJSFSchema {
  const properties = Object.entries((schema.properties ?? {}) as Properties).map(([name, each]) => {
    const { default: _, ...plain } = each; // a form shows what is set; the default stands as a placeholder
    return [name, { ...plain, title: words(name).title ?? each.title }];
  });
  const { description: _, title: __, ...rest } = schema;
  return { ...rest, properties: Object.fromEntries(properties) };
}

function hints(schema: RJSFSchema, words: Props["words"]): UiSchema {
  const found: UiSchema = {};
  for (const [name, each] of Object.entries((schema.properties ?? {}) as Properties)) {
    const { help, options } = words(name);
    const items = Array.isArray(each.items) ? undefined : (each.items as RJSFSchema | undefined);
    const either = each.anyOf?.some(
      (one) => typeof one === "object" && (one.const === "off" || one.type === "null"),
    );
    found[name] = {
      ...(help ? { "ui:help": help } : {}),
      ...(each.uniqueItems && items?.enum ? { "ui:widget": "checkboxes" } : {}),
      ...(either ? { "ui:field": "NumberOrOff", "ui:fieldReplacesAnyOrOneOf": true } : {}),
      ...(options
        ? {
            "ui:enumNames": (each.enum ?? items?.enum ?? []).map(
              (one) => options[String(one)] ?? String(one),
            ),
          }
        : {}),
      ...(each.default === undefined
        ? {}
        : { "ui:placeholder": String(each.default), "ui:options": { unset: each.default } }),
    };
  }
  return found;
}

export function FieldTemplate({
  id,
  label,
  required,
  rawErrors,
  help,
  children,
  schema,
  uiSchema,
  displayLabel,
  hidden,
}: FieldTemplateProps) {
  if (hidden) return <div hidden>{children}</div>;
  if (schema.type === "object" && id === "root") return <div>{children}</div>;
  if (schema.type === "object" || (schema.type === "array" && !displayLabel))
    return (
      <fieldset className={schema.type === "object" ? "border-l-2 pl-3" : ""}>
        {label && <legend className="mb-2 font-medium text-[13px]">{label}</legend>}
        {children}
        {help}
      </fieldset>
    );
  const own = uiSchema?.["ui:help"];
  return (
    <div className="grid grid-cols-1 gap-1.5">
      {(displayLabel || uiSchema?.["ui:field"]) && (
        <label htmlFor={id} className="font-medium text-[13px]">
          {label}
          {required && <span aria-hidden> *</span>}
        </label>
      )}
      {children}
      {own ? (
        <p id={`${id}__help`} className="text-muted-foreground text-xs">
          {own}
        </p>
      ) : (
        help
      )}
      {rawErrors?.map((each) => (
        <p key={each} id={`${id}__error`} role="alert" className="text-destructive text-xs">
          {each}
        </p>
      ))}
    </div>
  );
}

export function ObjectFieldTemplate({ properties }: ObjectFieldTemplateProps) {
  return <div className="space-y-4">{properties.map((each) => each.content)}</div>;
}

export function Nothing() {
  return null;
}

function Text({
  id,
  value,
  onChange,
  onBlur,
  schema,
  placeholder,
  disabled,
  readonly,
  rawErrors,
  required,
}: WidgetProps) {
  const number = schema.type === "number" || schema.type === "integer";
  const [typed, setTyped] = useState<string>();
  return (
    <Input
      id={id}
      inputMode={number ? "decimal" : undefined}
      value={typed ?? (value === undefined || value === null ? "" : String(value))}
      placeholder={placeholder}
      onChange={(event) => {
        const text = event.target.value;
        setTyped(number ? text : undefined);
        onChange(number ? numeric(text) : text === "" ? undefined : text);
      }}
      onBlur={() => {
        setTyped(undefined);
        onBlur(id, value);
      }}
      disabled={disabled}
      readOnly={readonly}
      required={required}
      spellCheck={false}
      autoComplete="off"
      aria-invalid={(rawErrors?.length ?? 0) > 0 || undefined}
      aria-describedby={ariaDescribedByIds(id)}
    />
  );
}

/** A number; what is none stays a text, which the schema then refuses; nothing where nothing stands. */
export function numeric(text: string): number | string | undefined {
  const plain = text.trim().replace(",", ".");
  if (plain === "") return undefined;
  return Number.isNaN(Number(plain)) ? text : Number(plain);
}

function Long({ id, value, onChange, placeholder, disabled, readonly, rawErrors }: WidgetProps) {
  return (
    <Textarea
      id={id}
      value={value ?? ""}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      disabled={disabled}
      readOnly={readonly}
      aria-invalid={(rawErrors?.length ?? 0) > 0 || undefined}
      aria-describedby={ariaDescribedByIds(id)}
    />
  );
}

function Choice({ id, value, onChange, options, disabled, readonly, rawErrors }: WidgetProps) {
  const { t } = useTranslation("frame");
  const all = options.enumOptions ?? [];
  const unset = all.find((each) => each.value === options.unset);
  return (
    <Select
      id={id}
      value={value === undefined ? "" : String(value)}
      onChange={(event) => onChange(all.find((each) => String(each.value) === event.target.value)?.value)}
      disabled={disabled || readonly}
      aria-invalid={(rawErrors?.length ?? 0) > 0 || undefined}
      aria-describedby={ariaDescribedByIds(id)}
    >
      <option value="">{unset ? t("schema.as_usual", { value: unset.label }) : "–"}</option>
      {all.map((each) => (
        <option key={String(each.value)} value={String(each.value)}>
          {each.label}
        </option>
      ))}
    </Select>
  );
}

function Tick({ id, value, onChange, label, disabled, readonly }: WidgetProps) {
  return (
    <label htmlFor={id} className="flex items-center gap-2 text-[13px]">
      <Checkbox
        id={id}
        checked={value === true}
        onChange={(event) => onChange(event.target.checked)}
        disabled={disabled || readonly}
      />
      {label}
    </label>
  );
}

/** A number, or "no limit": `off` or null, whichever the schema takes. */
function NumberOrOff({
  fieldPathId,
  formData,
  onChange,
  schema,
  uiSchema,
  disabled,
  readonly,
  rawErrors,
  name,
}: FieldProps) {
  const { t } = useTranslation("frame");
  const [typed, setTyped] = useState<string>();
  const id = fieldPathId.$id;
  const none = schema.anyOf?.some((each) => typeof each === "object" && each.type === "null") ? null : "off";
  const off = formData === none;
  const say = (next: unknown) => onChange(next, fieldPathId.path);
  return (
    <div className="flex items-center gap-3">
      <Input
        id={id}
        inputMode="decimal"
        value={off ? "" : (typed ?? (formData === undefined ? "" : String(formData)))}
        placeholder={off ? "" : uiSchema?.["ui:placeholder"]}
        onChange={(event) => {
          setTyped(event.target.value);
          say(numeric(event.target.value));
        }}
        onBlur={() => setTyped(undefined)}
        disabled={disabled || off}
        readOnly={readonly}
        autoComplete="off"
        aria-invalid={(rawErrors?.length ?? 0) > 0 || undefined}
        aria-describedby={`${id}__help ${id}__error`}
        className="max-w-40"
      />
      <label htmlFor={`${id}__off`} className="flex items-center gap-2 text-[13px]">
        <Checkbox
          id={`${id}__off`}
          checked={off}
          disabled={disabled || readonly}
          aria-label={`${schema.title ?? name}: ${t("schema.off")}`}
          onChange={(event) => say(event.target.checked ? none : undefined)}
        />
        {t("schema.off")}
      </label>
    </div>
  );
}
