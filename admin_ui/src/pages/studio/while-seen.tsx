import { memo, type ReactNode } from "react";

/** What is not in sight costs nothing while others work: it is drawn anew when it is seen. */
export const WhileSeen = memo(
  ({ children }: { seen: boolean; children: ReactNode }) => children,
  (_, next) => !next.seen,
);
