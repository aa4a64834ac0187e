import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "./cn";

const SOON_MS = 200;

/** Grey where something will stand; of the same size, so that nothing jumps. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("animate-pulse rounded-md bg-muted", className)} />;
}

/** Lines where a list will stand. Nothing at all for what comes at once. */
export function Loading({ lines = 5, className }: { lines?: number; className?: string }) {
  const { t } = useTranslation("frame");
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SOON_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className={cn("space-y-2", className)}>
      <span className="sr-only">{t("loading")}</span>
      {late &&
        Array.from({ length: lines }, (_, line) => line).map((line) => (
          <Skeleton key={line} className="h-9" />
        ))}
    </div>
  );
}
