/** Fields of the step form that a plain schema form lacks. */
import type { FieldProps, WidgetProps } from "@rjsf/utils";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { parse, stringify } from "yaml";
import type { Offers } from "../../studio/completing";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";
import { type Ask, Completed } from "../../ui/completed";
import { Input, Textarea } from "../../ui/input";
import { WIDGETS } from "../../ui/schema-form/schema-form";
import { Tab, TabList, TabPanel, Tabs } from "../../ui/tabs";
import type { Placed } from "./faults";
import type { Languages } from "./text-language";

/**
 * `prefix`: what the ids of its fields begin with. `complete`: what can be written in a value of the step, by its path in
 * `with`; undefined for who may only look. `apart`: what `texts/` has instead of a language of a value.
 */
export type Context = {
  languages: Languages;
  prefix: string;
  found: Placed["with"];
  apart: ((at: (string | number)[], language: string) => string) | undefined;
  complete: ((at: (string | number)[], before: string, signal: AbortSignal) => Promise<Offers>) | undefined;
};

const IN_TEMPLATE = /\{\{[^}]*[\w.]$/;
const IN_LINE = /[\w.]$/;

/** What a field asks with. */
function askAt({ complete }: Context, at: (string | number)[]): Ask | undefined {
  return complete && ((before, signal) => complete(at, before, signal));
}

const mapOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

/** One text: the same in all languages, or one a language. */
export function TextByLanguage({
  fieldPathId,
  formData,
  onChange,
  schema,
  disabled,
  readonly,
  registry,
}: FieldProps) {
  const context = registry.formContext as Context;
  return (
    <TextIn
      id={fieldPathId.$id}
      label={String(schema.title ?? "")}
      value={formData}
      context={context}
      at={fieldPathId.path}
      readOnly={disabled || readonly || false}
      onChange={(next) => onChange(next, fieldPathId.path)}
    />
  );
}

function TextIn({
  id,
  label,
  value,
  context,
  at,
  readOnly,
  onChange,
}: {
  id: string;
  label: string;
  value: unknown;
  context: Context;
  at: (string | number)[];
  readOnly: boolean;
  onChange: (next: unknown) => void;
}) {
  const { t } = useTranslation("studio");
  const { languages, found, apart } = context;
  const many = languages.all.length > 1;
  if (Array.isArray(value) || "title" in mapOf(value))
    return <AsYaml id={id} label={label} value={value} readOnly={readOnly} onChange={onChange} />;
  if (typeof value === "string" || !many)
    return (
      <div className="space-y-1">
        <Completed
          long
          id={id}
          aria-label={label}
          rows={2}
          ask={askAt(
            context,
            typeof value === "object" && value !== null ? [...at, Object.keys(value)[0] ?? "en"] : at,
          )}
          when={IN_TEMPLATE}
          value={typeof value === "string" ? value : String(Object.values(mapOf(value))[0] ?? "")}
          readOnly={readOnly}
          onValue={(next) => onChange(next === "" ? undefined : next)}
        />
        {many && !readOnly && (
          <Button size="sm" variant="ghost" onClick={() => onChange({ [languages.all[0] ?? "en"]: value })}>
            {t("form.by_language")}
          </Button>
        )}
      </div>
    );
  const texts = mapOf(value);
  const all = [...new Set([...languages.all, ...Object.keys(texts)])];
  const given = Object.keys(texts).length > 0;
  const shown = all.includes(languages.shown) ? languages.shown : all[0];
  return (
    <Tabs value={shown ?? ""} onValueChange={languages.show}>
      <TabList aria-label={label} className="gap-3 border-b-0 text-xs">
        {all.map((language) => {
          const path = [...at, language].join();
          const fault = found.find((each) => `${each.at.join()},`.startsWith(`${path},`))?.found.severity;
          const lacks = given && texts[language] === undefined && !apart?.(at, language);
          return (
            <Tab
              key={language}
              value={language}
              className={cn(
                "pt-0 pb-1",
                (fault || lacks) && "after:ml-1 after:content-['•']",
                fault === "error" ? "after:text-destructive" : "after:text-warning",
              )}
            >
              {languages.name(language)}
              {(fault || lacks) && (
                <span className="sr-only"> ({t(fault ? `problems.${fault}` : "form.missing")})</span>
              )}
            </Tab>
          );
        })}
      </TabList>
      {all.map((language) => {
        const other = apart?.(at, language) ?? "";
        return (
          <TabPanel key={language} value={language} tabIndex={undefined} className="pt-1">
            <Completed
              long
              {...(language === shown ? { id } : {})}
              aria-label={`${label} (${language})`}
              rows={1}
              className="min-h-9"
              lang={language}
              ask={askAt(context, [...at, language])}
              when={IN_TEMPLATE}
              value={other || String(texts[language] ?? "")}
              readOnly={readOnly || other !== ""}
              placeholder={given ? t("form.missing") : undefined}
              onValue={(next) => {
                const { [language]: _, ...others } = texts;
                const kept = next === "" ? others : { ...texts, [language]: next };
                onChange(Object.keys(kept).length === 0 ? undefined : kept);
              }}
            />
            {other && <p className="text-muted-foreground text-xs">{t("form.apart", { language })}</p>}
          </TabPanel>
        );
      })}
    </Tabs>
  );
}

/** A line of the step's own: what it names, or an expression. */
export function Line(props: WidgetProps) {
  const { id, name, value, onChange, schema, registry } = props;
  const context = registry.formContext as Context;
  const own = id === `${context.prefix}_${name}`; // what lies deeper has no path here
  if (schema.type !== "string" || !own) return <WIDGETS.TextWidget {...props} />;
  return (
    <Completed
      id={id}
      ask={askAt(context, [name])}
      when={IN_LINE}
      value={String(value ?? "")}
      onValue={(next) => onChange(next === "" ? undefined : next)}
      readOnly={props.disabled || props.readonly || false}
      spellCheck={false}
    />
  );
}

/** A map: names, and what each stands for. */
export function Entries({
  fieldPathId,
  formData,
  onChange,
  schema,
  uiSchema,
  disabled,
  readonly,
  registry,
}: FieldProps) {
  const { t } = useTranslation("studio");
  const context = registry.formContext as Context;
  const entries = Object.entries(mapOf(formData));
  const of = (uiSchema?.["ui:options"] as { of?: string } | undefined)?.of;
  const locked = disabled || readonly || false;
  const label = String(schema.title ?? "");
  const say = (next: [string, unknown][]) =>
    onChange(next.length === 0 ? undefined : Object.fromEntries(next), fieldPathId.path);
  const put = (place: number, entry: [string, unknown]) =>
    say(entries.map((each, at) => (at === place ? entry : each)));
  return (
    <div className="space-y-2" id={fieldPathId.$id}>
      {entries.map(([name, value], place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name changes while it is typed
        <div key={place} className="space-y-1 rounded-md border p-2">
          <div className="flex gap-2">
            <Name
              label={t("form.name_of", { label, name })}
              name={name}
              taken={entries.map(([each]) => each)}
              readOnly={locked}
              onName={(next) => put(place, [next, value])}
            />
            {!locked && (
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("form.remove", { name })}
                onClick={() => say(entries.filter((_, at) => at !== place))}
              >
                <Trash2 />
              </Button>
            )}
          </div>
          {of === "text" ? (
            <TextIn
              id={`${fieldPathId.$id}_${name}`}
              label={`${label}: ${name}`}
              value={value}
              context={context}
              at={[...fieldPathId.path, name]}
              readOnly={locked}
              onChange={(next) => put(place, [name, next ?? ""])}
            />
          ) : (
            <Completed
              aria-label={`${label}: ${name}`}
              ask={of === "number" ? undefined : askAt(context, [...fieldPathId.path, name])}
              when={IN_LINE}
              className="font-mono text-xs"
              spellCheck={false}
              value={typeof value === "string" ? value : JSON.stringify(value)}
              readOnly={locked}
              inputMode={of === "number" ? "numeric" : undefined}
              onValue={(typed) => {
                put(place, [
                  name,
                  of === "number" && typed.trim() !== "" && !Number.isNaN(Number(typed))
                    ? Number(typed)
                    : typed,
                ]);
              }}
            />
          )}
        </div>
      ))}
      {!locked && (
        <Button
          size="sm"
          onClick={() => say([...entries, [fresh(entries.map(([each]) => each)), of === "number" ? 0 : ""]])}
        >
          <Plus />
          {t("form.add")}
        </Button>
      )}
    </div>
  );
}

function fresh(taken: string[]): string {
  for (let count = taken.length + 1; ; count += 1)
    if (!taken.includes(`option_${count}`)) return `option_${count}`;
}

/** A name that holds once it is typed: in between it would name something else. */
function Name({
  label,
  name,
  taken,
  readOnly,
  onName,
}: {
  label: string;
  name: string;
  taken: string[];
  readOnly: boolean;
  onName: (name: string) => void;
}) {
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? name;
  const wrong = shown !== name && (!/^[a-z][a-z0-9_]{0,63}$/.test(shown) || taken.includes(shown));
  const done = () => {
    if (typed !== undefined && typed !== name && !wrong) onName(typed);
    setTyped(undefined);
  };
  return (
    <Input
      aria-label={label}
      className="font-mono text-xs"
      spellCheck={false}
      value={shown}
      readOnly={readOnly}
      aria-invalid={wrong || undefined}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          done();
        }
      }}
    />
  );
}

/** A list of words, with commas between. */
export function Words({ fieldPathId, formData, onChange, schema, disabled, readonly }: FieldProps) {
  const [typed, setTyped] = useState<string>();
  const shown = Array.isArray(formData) ? formData.join(", ") : "";
  return (
    <Input
      id={fieldPathId.$id}
      aria-label={String(schema.title ?? "")}
      spellCheck={false}
      value={typed ?? shown}
      readOnly={disabled || readonly}
      onChange={(event) => {
        setTyped(event.target.value);
        const words = event.target.value
          .split(",")
          .map((each) => each.trim())
          .filter((each) => each !== "");
        onChange(words.length === 0 ? undefined : words, fieldPathId.path);
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}

/** What has several shapes, as it stands in the text. */
export function Yaml({ fieldPathId, formData, onChange, schema, disabled, readonly }: FieldProps) {
  return (
    <AsYaml
      id={fieldPathId.$id}
      label={String(schema.title ?? "")}
      value={formData}
      readOnly={disabled || readonly || false}
      onChange={(next) => onChange(next, fieldPathId.path)}
    />
  );
}

function AsYaml({
  id,
  label,
  value,
  readOnly,
  onChange,
}: {
  id: string;
  label: string;
  value: unknown;
  readOnly: boolean;
  onChange: (next: unknown) => void;
}) {
  const [typed, setTyped] = useState<string>();
  const [wrong, setWrong] = useState("");
  const shown =
    value === undefined
      ? ""
      : typeof value === "string"
        ? value
        : stringify(value, { lineWidth: 0 }).trimEnd();
  return (
    <div className="space-y-1">
      <Textarea
        id={id}
        aria-label={label}
        className="font-mono text-xs"
        spellCheck={false}
        rows={Math.min(10, Math.max(2, (typed ?? shown).split("\n").length))}
        value={typed ?? shown}
        readOnly={readOnly}
        aria-invalid={wrong !== "" || undefined}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => {
          if (typed === undefined || typed === shown) return setTyped(undefined);
          try {
            onChange(typed.trim() === "" ? undefined : parse(typed));
            setTyped(undefined);
            setWrong("");
          } catch (error) {
            setWrong(error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error));
          }
        }}
      />
      {wrong !== "" && (
        <p role="alert" className="text-destructive text-xs">
          {wrong}
        </p>
      )}
    </div>
  );
}

/** A group that the step does not have yet. */
export function Absent({ fieldPathId, onChange, schema, disabled, readonly }: FieldProps) {
  const { t } = useTranslation("studio");
  return (
    <Button
      id={fieldPathId.$id}
      size="sm"
      className="justify-self-start"
      disabled={disabled || readonly || false}
      aria-label={t("form.add_group", { name: schema.title })}
      onClick={() => onChange({}, fieldPathId.path)}
    >
      <Plus />
      {t("form.add")}
    </Button>
  );
}
