/**
 * rjsf's form with all that it can draw: lists, choices between schemas, dates, files. Templates and boxes to tick are
 * those of @rjsf/shadcn. Other widgets are ours, or rjsf's own, whose radio buttons have names; shadcn's would bring
 * sliders and lists that no form shows.
 */
import Form, { type FormProps } from "@rjsf/core";
import fields from "@rjsf/core/lib/components/fields/index.js";
import templates from "@rjsf/core/lib/components/templates/index.js";
import widgets from "@rjsf/core/lib/components/widgets/index.js";
import CheckboxesWidget from "@rjsf/shadcn/lib/CheckboxesWidget/CheckboxesWidget.js";
import { generateTemplates } from "@rjsf/shadcn/lib/Templates/Templates.js";
import { ariaDescribedByIds, type BaseInputTemplateProps, getInputProps, type RJSFSchema } from "@rjsf/utils";
import mergeAllOf from "@rjsf/utils/lib/schema/shallowAllOfMerge.js";
import { Input } from "../input";
import { formWord } from "./form-words";
import { validator } from "./validator";

type Props = Omit<FormProps, "validator">;

const FIELDS = fields();
const [OWN, TAKEN] = [templates(), generateTemplates()];
const TEMPLATES = {
  ...OWN,
  ...TAKEN,
  BaseInputTemplate: BaseInput,
  ButtonTemplates: { ...OWN.ButtonTemplates, ...TAKEN.ButtonTemplates },
};
const WIDGETS = { ...widgets(), CheckboxesWidget };

const merged = (schema: RJSFSchema) => mergeAllOf(schema) as RJSFSchema;

export default function WholeForm(props: Props) {
  return (
    <Form
      translateString={formWord}
      {...props}
      fields={{ ...FIELDS, ...props.fields }}
      templates={{ ...TEMPLATES, ...props.templates }}
      widgets={{ ...WIDGETS, ...props.widgets }}
      experimental_customMergeAllOf={merged}
      validator={validator}
    />
  );
}

/** What a date, a time or an address is written in. */
function BaseInput(props: BaseInputTemplateProps) {
  const { id, type, schema, options, value, onChange, onChangeOverride, onBlur, onFocus } = props;
  return (
    <Input
      id={id}
      {...getInputProps(schema, type, options)}
      value={value ?? ""}
      placeholder={props.placeholder}
      onChange={onChangeOverride ?? (({ target }) => onChange(target.value || options.emptyValue))}
      onBlur={({ target }) => onBlur(id, target.value)}
      onFocus={({ target }) => onFocus(id, target.value)}
      required={props.required}
      disabled={props.disabled}
      readOnly={props.readonly}
      aria-invalid={(props.rawErrors?.length ?? 0) > 0 || undefined}
      aria-describedby={ariaDescribedByIds(id)}
    />
  );
}
