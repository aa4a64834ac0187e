import { useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { parse } from "yaml";
import { api, given, type Schemas } from "../../api/client";
import type { Acts } from "../../studio/acts";
import type { Flow } from "../../studio/flow-text";
import { QUIET } from "../../studio/outcomes";
import { Button } from "../../ui/button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "../../ui/menu";
import { ProblemNotice } from "../../ui/notice";
import { Checkbox } from "../../ui/switch";
import { toast } from "../../ui/toast";
import { type OfFlow, placedInFlow } from "./faults";
import { Diagnostics, Parameters, Target } from "./form-parts";
import type { Languages } from "./text-language";

type Kind = Schemas["TriggerKindOut"];
type Props = {
  flow: Flow;
  /** The flow for what nothing else takes, as bot.yaml says. */
  fallback: string | undefined;
  languages: Languages;
  diagnostics: Schemas["DiagnosticOut"][];
  acts: Acts;
  editable: boolean;
};

/** A flow itself: its title, what starts it, and where its steps' outcomes lead that they do not name. */
export function FlowForm({ flow, fallback, languages, diagnostics, acts, editable }: Props) {
  const { t } = useTranslation("studio");
  const known = useQuery({
    queryKey: ["schemas", "triggers"],
    staleTime: 60_000,
    queryFn: ({ signal }) => given(api.GET("/api/v1/schemas/triggers", { signal })),
  });
  const kinds = new Map(known.data?.items.map((kind) => [kind.name, kind]));
  const id = useId();
  const faults = placedInFlow(flow, diagnostics, QUIET);
  return (
    <div className="space-y-4 p-3">
      <h2 className="font-medium text-[13px]">{t("flow.title", { flow: flow.id })}</h2>
      <Diagnostics found={faults.rest} />
      <Parameters
        id={`flow-${flow.id}`}
        value={flow.title === undefined ? {} : { title: flow.title }}
        schema={titled(t("flow.name"))}
        hints={NO_HINTS}
        found={faults.title}
        apart={(_, language) => languages.apart(language, `flows/${flow.id}/title`)}
        languages={languages}
        acts={acts}
        editable={editable}
        onChanges={acts.setFlow}
      />
      <section aria-labelledby={`${id}-starts`} className="space-y-3 border-t pt-3">
        <h3 id={`${id}-starts`} className="font-medium text-[13px]">
          {t("flow.starts")}
        </h3>
        {known.isError && <ProblemNotice error={known.error} retry={() => known.refetch()} />}
        {flow.triggers.length === 0 && fallback !== flow.id && (
          <p className="text-[13px] text-muted-foreground">{t("flow.never")}</p>
        )}
        <ol className="space-y-3">
          {flow.triggers.map((trigger, place) => (
            <Trigger
              // biome-ignore lint/suspicious/noArrayIndexKey: a trigger has no other name
              key={place}
              trigger={trigger}
              place={place}
              flow={flow}
              kinds={kinds}
              found={faults.starts.get(place) ?? []}
              languages={languages}
              acts={acts}
              editable={editable}
            />
          ))}
        </ol>
        {editable && (
          <Menu>
            <MenuTrigger asChild>
              <Button size="sm" disabled={kinds.size === 0}>
                <Plus />
                {t("flow.add")}
              </Button>
            </MenuTrigger>
            <MenuContent align="start">
              {[...kinds.values()].map((kind) => (
                <MenuItem key={kind.name} onSelect={() => acts.addTrigger(exampleOf(kind))}>
                  {wordsOf(kind, t)}
                </MenuItem>
              ))}
            </MenuContent>
          </Menu>
        )}
        <label htmlFor={`${id}-fallback`} className="flex items-start gap-2 text-[13px]">
          <Checkbox
            id={`${id}-fallback`}
            checked={fallback === flow.id}
            disabled={!editable}
            onChange={(event) => acts.setFallback(event.target.checked ? flow.id : undefined)}
          />
          <span>
            {t("flow.fallback")}
            {fallback !== undefined && fallback !== flow.id && (
              <span className="block text-muted-foreground text-xs">
                {t("flow.fallback_now", { flow: fallback })}
              </span>
            )}
          </span>
        </label>
      </section>
      <fieldset className="space-y-2 border-t pt-3">
        <legend className="sr-only">{t("flow.defaults")}</legend>
        <h3 className="font-medium text-[13px]">{t("flow.defaults")}</h3>
        {QUIET.map((outcome) => (
          <Target
            key={outcome}
            label={outcome}
            usual={t("flow.nowhere")}
            to={flow.defaults[outcome]}
            found={faults.defaults.get(outcome) ?? []}
            flow={flow}
            editable={editable}
            onTo={(to) => acts.setFlow([[["defaults", outcome], to]])}
          />
        ))}
      </fieldset>
    </div>
  );
}

function Trigger({
  trigger,
  place,
  flow,
  kinds,
  found,
  languages,
  acts,
  editable,
}: {
  trigger: Record<string, unknown>;
  place: number;
  flow: Flow;
  kinds: ReadonlyMap<string, Kind>;
  found: OfFlow["title"];
  languages: Languages;
  acts: Acts;
  editable: boolean;
}) {
  const { t } = useTranslation("studio");
  const id = useId();
  const kind = Object.keys(trigger)
    .map((name) => kinds.get(name))
    .find((each) => each !== undefined);
  const value = kind && trigger[kind.name];
  const shaped = kind !== undefined && typeof value === "object" && value !== null;
  const within = found.filter(({ at }) => shaped && at[0] === kind.name);
  const called = kind ? wordsOf(kind, t) : Object.keys(trigger).join(", ");
  return (
    <li aria-label={called} className="space-y-3 rounded-md border p-3">
      <div className="flex items-center justify-between gap-2">
        <h4 className="font-medium text-xs">{called}</h4>
        {editable && (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("flow.remove", { name: called })}
            title={t("flow.remove", { name: called })}
            onClick={() => {
              const back = acts.removeTrigger(place);
              if (back) toast.done(t("flow.removed", { name: called }), back);
            }}
          >
            <Trash2 />
          </Button>
        )}
      </div>
      <Diagnostics found={found.filter((one) => !within.includes(one)).map((one) => one.found)} />
      {shaped ? (
        <Parameters
          id={`trigger-${place}`}
          value={value as Record<string, unknown>}
          schema={kind.with_schema}
          hints={kind.ui_schema}
          found={within.map((one) => ({ ...one, at: one.at.slice(1) }))}
          languages={languages}
          acts={acts}
          editable={editable}
          complete={(at, before, signal) =>
            acts.complete(["triggers", place, kind.name, ...at], before, signal)
          }
          onChanges={(changes) =>
            acts.setFlow(
              changes.map(([at, to]): [(string | number)[], unknown] => [
                ["triggers", place, kind.name, ...at],
                to,
              ]),
            )
          }
        />
      ) : (
        kinds.size > 0 && <p className="text-muted-foreground text-xs">{t("flow.unknown")}</p>
      )}
      {flow.steps.length > 0 && (
        <label htmlFor={id} className="flex items-center gap-2 text-[13px]">
          <Checkbox
            id={id}
            checked={trigger.interrupt === true}
            disabled={!editable}
            onChange={(event) =>
              acts.setFlow([[["triggers", place, "interrupt"], event.target.checked || undefined]])
            }
          />
          {t("flow.interrupt")}
        </label>
      )}
    </li>
  );
}

const NO_HINTS = {};
const TITLES = new Map<string, Record<string, unknown>>();

/** The schema of what a flow has beside its parts; the same each time. */
function titled(title: string): Record<string, unknown> {
  const made = TITLES.get(title) ?? { type: "object", properties: { title: { ...TEXT, title } } };
  TITLES.set(title, made);
  return made;
}

/** A text of the flow language, as the schemas of actions have it. */
const TEXT = {
  anyOf: [
    { type: "string" },
    { type: "object", patternProperties: { "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": { type: "string" } } },
  ],
};

const WORDS = ["event", "message", "schedule"] as const;

function wordsOf(kind: Kind, t: ReturnType<typeof useTranslation<"studio">>["t"]): string {
  const name = WORDS.find((each) => each === kind.name);
  return name ? t(`flow.kind.${name}`) : kind.title;
}

/** What a new trigger begins with: the example that its description ends with. */
function exampleOf(kind: Kind): Record<string, unknown> {
  const [, yaml] = kind.description.split(/^Example:$/m);
  const read: unknown = yaml === undefined ? undefined : parse(yaml);
  return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : { [kind.name]: {} };
}
