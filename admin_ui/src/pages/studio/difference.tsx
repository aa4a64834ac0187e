import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { cn } from "../../ui/cn";

/** What makes one state of a bot's folder out of another: by step, and each file as text. */
export function Difference({ told }: { told: Schemas["DiffOut"] }) {
  const { t } = useTranslation("publishing");
  if (told.files.length === 0) return <p className="text-muted-foreground">{t("difference.none")}</p>;
  return (
    <div className="space-y-2">
      <ul className="list-disc pl-4">
        {told.flows_added.map((flow) => (
          <li key={`+${flow}`}>{t("difference.flow_added", { flow })}</li>
        ))}
        {told.flows_removed.map((flow) => (
          <li key={`-${flow}`}>{t("difference.flow_removed", { flow })}</li>
        ))}
        {told.steps.map((each) => (
          <li key={each.flow} className="break-words">
            <code>{each.flow}</code>:{" "}
            {[
              ...(each.added ?? []).map((step) => `+ ${step}`),
              ...(each.removed ?? []).map((step) => `− ${step}`),
              ...Object.keys(each.changed ?? {}).map((step) => `~ ${step}`),
            ].join(", ")}
          </li>
        ))}
      </ul>
      {told.files.map((file) => (
        <details key={file.path}>
          <summary className="cursor-pointer break-all font-mono text-xs">
            {file.path} · {t(`difference.how.${file.how as "changed"}`)}
          </summary>
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            tabIndex={0}
            className="max-h-96 overflow-auto rounded-md border bg-muted/40 p-2 text-xs"
          >
            {(file.diff ?? "").split("\n").map((line, place) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: a comparison never changes
                key={place}
                className={cn(
                  "block",
                  line.startsWith("+") && "text-success",
                  line.startsWith("-") && "text-destructive",
                  /^(\+\+\+|---|@@) /.test(line) && "text-muted-foreground",
                )}
              >
                {line || " "}
              </span>
            ))}
          </pre>
        </details>
      ))}
    </div>
  );
}
