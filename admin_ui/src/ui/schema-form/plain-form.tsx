/**
 * rjsf's form for schemas whose fields are lines, numbers, choices, boxes to tick, groups of them, and fields of our own
 * (`plain` in pages/studio/parameter-form.tsx). It checks nothing: the checker does. Half the size of `whole-form`.
 */
import Form, { type FormProps } from "@rjsf/core";
import BooleanField from "@rjsf/core/lib/components/fields/BooleanField.js";
import NumberField from "@rjsf/core/lib/components/fields/NumberField.js";
import ObjectField from "@rjsf/core/lib/components/fields/ObjectField.js";
import SchemaField from "@rjsf/core/lib/components/fields/SchemaField.js";
import StringField from "@rjsf/core/lib/components/fields/StringField.js";
import FieldErrorTemplate from "@rjsf/shadcn/lib/FieldErrorTemplate/FieldErrorTemplate.js";
import FieldHelpTemplate from "@rjsf/shadcn/lib/FieldHelpTemplate/FieldHelpTemplate.js";
import type { FormContextType, RJSFSchema, ValidatorType } from "@rjsf/utils";
import { formWord } from "./form-words";
import { ObjectFieldTemplate } from "./schema-form";

type Props = Omit<FormProps, "validator">;

const FIELDS = { BooleanField, NumberField, ObjectField, SchemaField, StringField };
const TEMPLATES = { FieldErrorTemplate, FieldHelpTemplate, ObjectFieldTemplate };
// biome-ignore lint/suspicious/noExplicitAny: rjsf's own types of a form's data
const UNCHECKED: ValidatorType<any, RJSFSchema, FormContextType> = {
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  isValid: () => true, // asked where a schema has branches, and a plain one has none
  rawValidation: () => ({}),
};

export function PlainForm(props: Props) {
  return (
    <Form
      translateString={formWord}
      {...props}
      fields={{ ...FIELDS, ...props.fields }}
      templates={{ ...TEMPLATES, ...props.templates }}
      noValidate
      validator={UNCHECKED}
    />
  );
}
