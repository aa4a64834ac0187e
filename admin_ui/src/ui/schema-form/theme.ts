/**
 * What our forms take of @rjsf/shadcn: its templates, and its boxes to tick. Other widgets are ours, or rjsf's own,
 * whose radio buttons have names; shadcn's would bring sliders and lists that no form shows.
 */
import CheckboxesWidget from "@rjsf/shadcn/lib/CheckboxesWidget/CheckboxesWidget.js";
import { generateTemplates } from "@rjsf/shadcn/lib/Templates/Templates.js";

export const theme = { templates: generateTemplates(), widgets: { CheckboxesWidget } };
