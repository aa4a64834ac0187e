import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Problem, words } from "../api/problems";
import { Button } from "./button";
import { cn } from "./cn";

const KINDS = {
  info: { icon: Info, look: "border-info/30 bg-info/6 [&>svg]:text-info" },
  success: { icon: CircleCheck, look: "border-success/30 bg-success/8 [&>svg]:text-success" },
  warning: { icon: TriangleAlert, look: "border-warning/40 bg-warning/8 [&>svg]:text-warning" },
  problem: { icon: CircleAlert, look: "border-destructive/40 bg-destructive/7 [&>svg]:text-destructive" },
};

type Props = { kind?: keyof typeof KINDS; title?: ReactNode; children?: ReactNode; className?: string };

/** Something to know, in its place on the page. */
export function Notice({ kind = "info", title, children, className }: Props) {
  const { icon: Icon, look } = KINDS[kind];
  return (
    <div
      role={kind === "problem" ? "alert" : undefined}
      className={cn(
        "flex gap-2.5 rounded-md border px-3 py-2.5 text-sm [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0",
        look,
        className,
      )}
    >
      <Icon aria-hidden />
      <div className="min-w-0 flex-1 space-y-1 break-words">
        {title && <p className="font-medium">{title}</p>}
        {children}
      </div>
    </div>
  );
}

/** What went wrong, in words, with a way on. Faults that fields show are not said again. */
export function ProblemNotice({
  error,
  retry,
  fields = [],
  className,
  children,
}: {
  error: unknown;
  /** What "Try again" does. */
  retry?: () => void;
  /** Fields that show their own faults. */
  fields?: string[];
  className?: string;
  /** What else can be done. */
  children?: ReactNode;
}) {
  const { t } = useTranslation("frame");
  if (error === null || error === undefined) return null;
  const faults = error instanceof Problem ? error.faults : [];
  if (
    faults.length > 0 &&
    faults.every((each) => fields.some((name) => each.at === name || each.at.startsWith(`${name}.`)))
  )
    return null;
  const { title, detail } = words(error);
  return (
    <Notice kind="problem" title={title} className={className ?? ""}>
      <p>{detail}</p>
      {faults.length > 1 && (
        <ul className="list-disc pl-4">
          {faults.map((each) => (
            <li key={each.at}>
              <code>{each.at}</code>: {each.why}
            </li>
          ))}
        </ul>
      )}
      {(retry || children) && (
        <div className="flex flex-wrap items-center gap-2 pt-1">
          {retry && (
            <Button size="sm" onClick={retry}>
              {t("action.retry")}
            </Button>
          )}
          {children}
        </div>
      )}
    </Notice>
  );
}
