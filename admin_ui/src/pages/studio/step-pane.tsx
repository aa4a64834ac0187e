import { lazy, type RefObject, Suspense } from "react";
import type { Schemas } from "../../api/client";
import type { Acts } from "../../studio/acts";
import type { Flow, Step } from "../../studio/flow-text";
import { fallbackOf } from "../../studio/languages";
import { wordOf } from "../../studio/word";
import { Loading } from "../../ui/skeleton";
import { faultsAt } from "./faults";
import type { Renaming } from "./rename";
import type { Languages } from "./text-language";

const StepForm = lazy(async () => ({ default: (await import("./step-form")).StepForm }));
const FlowForm = lazy(async () => ({ default: (await import("./flow-form")).FlowForm }));

type Props = {
  file: string;
  flow: Flow;
  /** The one that is chosen; undefined: the flow itself. */
  step: Step | undefined;
  files: Readonly<Record<string, string>>;
  actions: ReadonlyMap<string, Schemas["ActionOut"]>;
  languages: Languages;
  /** Of the file. */
  diagnostics: Schemas["DiagnosticOut"][];
  acts: Acts;
  editable: boolean;
  onChoose: (step: string | undefined) => void;
  onSimulate: (step: string) => void;
  /** The form is to have the focus as soon as it is there. */
  opens: RefObject<boolean>;
  onRemove: (steps: string[]) => void;
  onRename: (renaming: Renaming) => void;
};

/** The form of a step, or of its flow where none is chosen. */
export function StepPane({
  file,
  flow,
  step,
  files,
  actions,
  languages,
  diagnostics,
  acts,
  editable,
  opens,
  ...on
}: Props) {
  const rename = (from: string, to: string) => {
    // What only its own file names is renamed there at once; else all places are shown first.
    const word = wordOf([from]);
    const elsewhere = Object.keys(files).some((path) => path !== file && word.test(files[path] ?? ""));
    if (elsewhere) on.onRename({ kind: "step", of: flow.id, name: from, to });
    else if (acts.rename(from, to)) {
      opens.current = document.activeElement instanceof HTMLInputElement; // renamed by Enter: one stays in the form
      on.onChoose(to);
    }
  };
  return (
    <Suspense fallback={<Loading className="p-3" />}>
      {step ? (
        <StepForm
          key={`${file}:${step.id}`}
          step={step}
          flow={flow}
          file={file}
          files={files}
          action={actions.get(step.action)}
          languages={languages}
          diagnostics={faultsAt(flow, step.id, diagnostics)}
          acts={acts}
          editable={editable}
          onChoose={on.onChoose}
          onSimulate={on.onSimulate}
          onShown={() => focusForm(opens)}
          onRemove={() => on.onRemove([step.id])}
          onRename={(to) => rename(step.id, to)}
        />
      ) : (
        <FlowForm
          key={file}
          flow={flow}
          fallback={fallbackOf(files["bot.yaml"] ?? "")}
          languages={languages}
          diagnostics={diagnostics}
          acts={acts}
          editable={editable}
        />
      )}
    </Suspense>
  );
}

/** Where it is `wanted`, and the form is there. */
export function focusForm(wanted: RefObject<boolean>): void {
  const field = wanted.current && document.querySelector<HTMLElement>("[data-pane=step] input");
  if (!field) return;
  wanted.current = false;
  field.focus();
}
