import { Undo2 } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { placed } from "../api/problems";
import { Button } from "./button";
import type { Kept } from "./kept";
import { Notice, ProblemNotice } from "./notice";

type Fault = (at: string) => string | undefined;

type Props<T extends Record<string, unknown>> = {
  /** What is typed; left out where nothing of it may be kept. */
  of?: Kept<T>;
  /** Names of the fields, for a change of somebody else's. */
  labels?: Partial<Record<keyof T & string, string>>;
  /** Why the last try failed. */
  error: unknown;
  /** Fields that say their own faults. */
  fields: readonly string[];
  /** The field to which a problem belongs, by its code. */
  places?: Record<string, string>;
  onSend: () => void;
  /** For a button that stands elsewhere. */
  id?: string;
  className?: string;
  /** The fields: `fault("name")` is what is wrong with one. */
  children: (fault: Fault) => ReactNode;
  /** Buttons, where they come after what is said of the whole form. */
  foot?: ReactNode;
};

/** A form: each problem stands at its field, and the first field that has one gets the focus. */
export function Form<T extends Record<string, unknown>>(props: Props<T>) {
  const { of, labels = {}, error, fields, places, onSend, id, className, children, foot } = props;
  const form = useRef<HTMLFormElement>(null);
  const { fault, rest } = placed(error, fields, places);
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [error]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    of?.sent();
    onSend();
  };
  return (
    <form ref={form} id={id} onSubmit={submit} className={className ?? "space-y-3"}>
      {of && <KeptNotice of={of} labels={labels} />}
      {children(fault)}
      <ProblemNotice error={rest} className="w-full" />
      {foot}
    </form>
  );
}

/** That what was typed before is here again; that somebody else has changed the same meanwhile. */
export function KeptNotice<T extends Record<string, unknown>>({
  of,
  labels,
}: {
  of: Kept<T>;
  labels: Partial<Record<keyof T & string, string>>;
}) {
  const { t } = useTranslation("frame");
  const names = Object.keys(of.meanwhile) as (keyof T & string)[];
  if (names.length > 0)
    return (
      <Notice kind="warning" title={t("kept.meanwhile")} className="w-full">
        <dl className="grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-3">
          {names.map((name) => (
            <div key={name} className="contents">
              <dt className="text-muted-foreground">{labels[name] ?? name}</dt>
              <dd className="break-words">{shown(of.meanwhile[name]) || t("kept.empty")}</dd>
            </div>
          ))}
        </dl>
        <div className="flex flex-wrap gap-2 pt-1">
          <Button size="sm" onClick={() => of.forget(names)}>
            {t("kept.theirs")}
          </Button>
          <Button size="sm" onClick={of.insist}>
            {t("kept.mine")}
          </Button>
        </div>
      </Notice>
    );
  if (!of.found || !of.dirty) return null;
  return (
    <p role="status" className="flex w-full flex-wrap items-center gap-x-3 text-muted-foreground text-xs">
      {t("kept.found")}
      <Button variant="link" size="sm" onClick={() => of.forget()}>
        <Undo2 />
        {t("kept.anew")}
      </Button>
    </p>
  );
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
