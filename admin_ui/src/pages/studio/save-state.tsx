import { useId } from "react";
import { useTranslation } from "react-i18next";
import { words } from "../../api/problems";
import type { Clash, Draft, Saving } from "../../studio/draft";
import { Button } from "../../ui/button";
import { cn } from "../../ui/cn";

/** What is true of the draft just now. */
export function SaveState({ draft, saving, unkept }: { draft: Draft; saving: Saving; unkept: boolean }) {
  const { t } = useTranslation(["studio", "frame"]);
  if (!draft.editable) return <span className="text-muted-foreground text-xs">{t("save.viewing")}</span>;
  const passing = saving.state === "saved" || saving.state === "saving"; // what comes and goes moves nothing
  return (
    <span
      role="status"
      className={cn(
        "flex min-w-0 items-center gap-2 text-muted-foreground text-xs",
        passing && "flex-1 basis-0",
      )}
    >
      {saving.state === "failed" ? (
        <>
          <span className="truncate text-destructive" title={words(saving.error).detail}>
            {t("save.failed", { why: words(saving.error).detail })}
          </span>
          <Button size="sm" onClick={draft.retry}>
            {t("frame:action.retry")}
          </Button>
        </>
      ) : saving.state === "few" ? (
        <>
          <span className="truncate text-warning">{t("save.few", saving.few)}</span>
          <Button size="sm" onClick={draft.undo}>
            {t("save.few_undo")}
          </Button>
          <Button size="sm" onClick={draft.mean}>
            {t("save.few_save")}
          </Button>
        </>
      ) : (
        <span className={cn("truncate", saving.state === "offline" && "text-warning")}>
          {t(unkept && saving.state === "offline" ? "save.offline_unkept" : `save.${saving.state}`)}
        </span>
      )}
    </span>
  );
}

/** Both changed one field: whose words stand? It asks from a corner, while typing goes on. */
export function ClashQuestion({ draft, clash }: { draft: Draft; clash: Clash }) {
  const { t } = useTranslation("studio");
  const title = useId();
  return (
    <section
      aria-labelledby={title}
      className="absolute right-3 bottom-3 left-3 z-40 flex max-h-[60%] flex-col gap-3 rounded-lg border border-warning/60 bg-popover p-4 text-popover-foreground text-[13px] shadow-xl sm:right-auto sm:w-xl"
    >
      <div role="alert">
        <h2 id={title} className="font-medium">
          {t("clash.title", { file: clash.path })}
        </h2>
        <p className="text-muted-foreground">{t("clash.detail")}</p>
      </div>
      <div className="min-h-0 space-y-3 overflow-y-auto">
        {clash.twice.map((each) => (
          <div key={`${each.name} ${each.field}`}>
            <h3 className="mb-1 break-words font-mono text-xs">
              {each.name.replace(/^steps\./, "")}
              {each.field && ` · ${each.field.replace(/^with\./, "")}`}
            </h3>
            <div className="grid grid-cols-1 gap-2 sm:grid-cols-2">
              {(["mine", "theirs"] as const).map((whose) => (
                <div key={whose} className="min-w-0">
                  <p className="mb-1 text-muted-foreground text-xs">{t(`clash.${whose}_label`)}</p>
                  <pre className="whitespace-pre-wrap break-words rounded-md border bg-muted/40 p-2 text-xs">
                    {each[whose] || t("clash.removed")}
                  </pre>
                </div>
              ))}
            </div>
          </div>
        ))}
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        <Button size="sm" onClick={() => draft.settle("theirs")}>
          {t("clash.theirs")}
        </Button>
        <Button size="sm" variant="primary" onClick={() => draft.settle("mine")}>
          {t("clash.mine")}
        </Button>
      </div>
    </section>
  );
}
