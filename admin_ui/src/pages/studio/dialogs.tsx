import { lazy, Suspense } from "react";
import type { Acts } from "../../studio/acts";
import type { Draft, Now } from "../../studio/draft";
import type { Leaving } from "./remove-steps";
import type { Renaming } from "./rename";
import type { Shown } from "./routes";

const Publish = lazy(async () => ({ default: (await import("./publish")).Publish }));
const RemoveSteps = lazy(async () => ({ default: (await import("./remove-steps")).RemoveSteps }));
const Rename = lazy(async () => ({ default: (await import("./rename")).Rename }));
const Seek = lazy(async () => ({ default: (await import("./seek")).Seek }));
const Versions = lazy(async () => ({ default: (await import("./versions")).Versions }));

/** What was asked for that has a dialog of its own. `words`: what is looked for in all files. */
export type Asked =
  | { what: "publish" | "versions" }
  | { what: "seek"; words: string }
  | { what: "rename"; renaming: Renaming }
  | { what: "remove"; leaving: Leaving; onGone: (next: string | undefined) => void };

type Props = {
  asked: Asked;
  draft: Draft;
  now: Now;
  acts: Acts;
  errors: number;
  warnings: number;
  onClose: () => void;
  onShow: (more: Shown) => void;
  onTests: () => void;
  /** To a place in a text: its step, where that can be shown. */
  onFollow: (place: Shown, column: number) => void;
  onRenamed: (renaming: Renaming, to: string) => void;
};

export function Dialogs({ asked, draft, now, acts, errors, warnings, onClose, ...on }: Props) {
  return (
    <Suspense fallback={null}>
      {asked.what === "publish" && (
        <Publish
          draft={draft}
          now={now}
          errors={errors}
          warnings={warnings}
          onClose={onClose}
          onTests={() => {
            onClose();
            on.onShow({ pane: "tests" });
            on.onTests();
          }}
        />
      )}
      {asked.what === "versions" && <Versions draft={draft} onClose={onClose} />}
      {asked.what === "seek" && (
        <Seek draft={draft} now={now} words={asked.words} onClose={onClose} onShow={on.onFollow} />
      )}
      {asked.what === "rename" && (
        <Rename
          draft={draft}
          renaming={asked.renaming}
          onClose={onClose}
          onDone={(to) => on.onRenamed(asked.renaming, to)}
        />
      )}
      {asked.what === "remove" && (
        <RemoveSteps
          draft={draft}
          leaving={asked.leaving}
          acts={acts}
          onClose={onClose}
          onGone={asked.onGone}
          onShow={on.onShow}
        />
      )}
    </Suspense>
  );
}
