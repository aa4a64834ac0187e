import { useTranslation } from "react-i18next";
import { words } from "../../api/problems";
import type { Clash, Draft, Saving } from "../../studio/draft";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";

/** What is true of the draft just now; and the one question that saving may have. */
export function SaveState({ draft, saving }: { draft: Draft; saving: Saving }) {
  const { t } = useTranslation(["studio", "frame"]);
  if (!draft.editable) return <span className="text-muted-foreground text-xs">{t("save.viewing")}</span>;
  return (
    <span role="status" className="flex min-w-0 items-center gap-2 text-muted-foreground text-xs">
      {saving.state === "failed" ? (
        <>
          <span className="truncate text-destructive" title={words(saving.error).detail}>
            {t("save.failed", { why: words(saving.error).detail })}
          </span>
          <Button size="sm" onClick={draft.retry}>
            {t("frame:action.retry")}
          </Button>
        </>
      ) : (
        <span className={saving.state === "offline" ? "text-warning" : ""}>{t(`save.${saving.state}`)}</span>
      )}
      {saving.state === "clash" && <ClashDialog draft={draft} clash={saving.clash} />}
    </span>
  );
}

function ClashDialog({ draft, clash }: { draft: Draft; clash: Clash }) {
  const { t } = useTranslation("studio");
  return (
    <Dialog
      open
      onOpenChange={() => {}}
      title={t("clash.title", { file: clash.path })}
      description={t("clash.detail")}
      className="max-w-3xl"
      footer={
        <>
          <Button onClick={() => draft.settle("theirs")}>{t("clash.theirs")}</Button>
          <Button variant="primary" onClick={() => draft.settle("mine")}>
            {t("clash.mine")}
          </Button>
        </>
      }
    >
      {clash.twice.map((block) => (
        <div key={block.name} className="mb-4 grid gap-2 sm:grid-cols-2">
          {(["mine", "theirs"] as const).map((whose) => (
            <div key={whose} className="min-w-0">
              <p className="mb-1 text-muted-foreground text-xs">{t(`clash.${whose}_label`)}</p>
              <pre className="max-h-72 overflow-auto rounded-md border bg-muted/40 p-2 text-xs">
                {block[whose] || t("clash.removed")}
              </pre>
            </div>
          ))}
        </div>
      ))}
    </Dialog>
  );
}
