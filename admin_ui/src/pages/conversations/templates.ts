/**
 * What an approved template asks for, and how it reads when that is given. Components as Meta has them:
 * https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components
 */
export type Component = Record<string, unknown>;
type Button = { type?: string; text?: string; url?: string };

/** One thing to fill in. `at`: its place among the values, unique in the template. */
export type Slot = {
  at: string;
  part: "header" | "body" | "button";
  kind: "text" | "image" | "video" | "document" | "code";
  /** The variable as the template calls it: a number, or a name. */
  name: string;
  /** Which button. */
  index?: number;
  example: string;
};
export type Values = Record<string, string>;
export type Sample = { header: string; body: string; footer: string; buttons: string[] };

const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g;
const FILES = ["image", "video", "document"] as const;
const PARTS = ["HEADER", "BODY", "FOOTER", "BUTTONS"];
const BUTTONS = ["QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE"];

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const kindOf = (part: Component): string => text(part.type).toUpperCase();
const buttonsOf = (part: Component): Button[] =>
  Array.isArray(part.buttons) ? (part.buttons as Button[]) : [];
const namesIn = (words: string): string[] => [
  ...new Set([...words.matchAll(VARIABLE)].map((hit) => hit[1] ?? "")),
];

/** Whether it can be filled in here: carousels, catalogues, offers and forms cannot. */
export function fits(components: Component[]): boolean {
  return components.every((part) => {
    const format = text(part.format).toLowerCase();
    return (
      PARTS.includes(kindOf(part)) &&
      (format === "" || format === "text" || FILES.includes(format as "image")) &&
      buttonsOf(part).every((button) => BUTTONS.includes(text(button.type).toUpperCase()))
    );
  });
}

export function slotsOf(components: Component[]): Slot[] {
  const found: Slot[] = [];
  for (const part of components) {
    const kind = kindOf(part);
    const format = text(part.format).toLowerCase();
    if (kind === "HEADER" && FILES.includes(format as "image"))
      found.push({ at: "header", part: "header", kind: format as "image", name: "", example: "" });
    else if (kind === "HEADER" || kind === "BODY")
      for (const name of namesIn(text(part.text))) {
        const where = kind === "HEADER" ? "header" : "body";
        found.push({
          at: `${where}.${name}`,
          part: where,
          kind: "text",
          name,
          example: exampleOf(part, where, name),
        });
      }
    else
      buttonsOf(part).forEach((button, index) => {
        const type = text(button.type).toUpperCase();
        if (type === "URL")
          for (const name of namesIn(text(button.url)))
            found.push({ at: `button.${index}`, part: "button", kind: "text", name, index, example: "" });
        else if (type === "COPY_CODE")
          found.push({ at: `button.${index}`, part: "button", kind: "code", name: "", index, example: "" });
      });
  }
  return found;
}

/** The components of the message, as the channel's API takes them. */
export function filled(components: Component[], values: Values): Component[] {
  const slots = slotsOf(components);
  const made: Component[] = [];
  for (const part of ["header", "body"] as const) {
    const parameters = slots
      .filter((slot) => slot.part === part)
      .map((slot) => {
        const value = values[slot.at] ?? "";
        if (slot.kind !== "text") return { type: slot.kind, [slot.kind]: { link: value } };
        return {
          type: "text",
          ...(/^\d+$/.test(slot.name) ? {} : { parameter_name: slot.name }),
          text: value,
        };
      });
    if (parameters.length > 0) made.push({ type: part, parameters });
  }
  for (const slot of slots)
    if (slot.part === "button")
      made.push({
        type: "button",
        sub_type: slot.kind === "code" ? "copy_code" : "url",
        index: String(slot.index),
        parameters: [
          slot.kind === "code"
            ? { type: "coupon_code", coupon_code: values[slot.at] ?? "" }
            : { type: "text", text: values[slot.at] ?? "" },
        ],
      });
  return made;
}

/** How it reads with what is filled in; what is not stands as the template has it. */
export function sampleOf(components: Component[], values: Values): Sample {
  const sample: Sample = { header: "", body: "", footer: "", buttons: [] };
  for (const part of components) {
    const kind = kindOf(part);
    if (kind === "HEADER") sample.header = put(text(part.text), "header", values);
    else if (kind === "BODY") sample.body = put(text(part.text), "body", values);
    else if (kind === "FOOTER") sample.footer = text(part.text);
    else sample.buttons = buttonsOf(part).map((button) => text(button.text));
  }
  return sample;
}

function put(words: string, part: string, values: Values): string {
  return words.replace(VARIABLE, (whole, name: string) => values[`${part}.${name}`] || whole);
}

/** What Meta was given as an example of a variable, when the template was made. */
function exampleOf(part: Component, where: "header" | "body", name: string): string {
  const example = (part.example ?? {}) as Record<string, unknown>;
  const named = example[`${where}_text_named_params`];
  if (Array.isArray(named))
    return text(
      (named as { param_name?: string; example?: string }[]).find((each) => each.param_name === name)
        ?.example,
    );
  const listed = example[`${where}_text`];
  if (!Array.isArray(listed)) return "";
  const row: unknown[] = Array.isArray(listed[0]) ? (listed[0] as unknown[]) : (listed as unknown[]);
  return text(row[Number(name) - 1]);
}
