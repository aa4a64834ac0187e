import type { ReactNode } from "react";
import { useTitle } from "../frame/title";
import { cn } from "./cn";

type Props = {
  /** The page's name, also the window's. */
  title: string;
  /** Beside the title: a badge, a menu. */
  beside?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** As wide as the window. */
  wide?: boolean;
};

/** A page with its title and actions; it scrolls by itself. */
export function Page({ title, beside, description, actions, children, wide }: Props) {
  useTitle(title);
  return (
    <div className="h-full overflow-y-auto" tabIndex={-1}>
      <div className={cn("mx-auto space-y-6 px-4 py-5 sm:px-6", wide ? "" : "max-w-6xl")}>
        <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
          <div className="min-w-0 space-y-1">
            <div className="flex min-w-0 flex-wrap items-center gap-2">
              <h1 className="break-words font-semibold text-xl tracking-tight">{title}</h1>
              {beside}
            </div>
            {description && <p className="max-w-2xl text-pretty text-muted-foreground">{description}</p>}
          </div>
          {actions && <div className="flex flex-wrap gap-2 max-sm:has-[>select]:w-full">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}
