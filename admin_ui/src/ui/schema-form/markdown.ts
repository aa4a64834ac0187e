/** In place of markdown-to-jsx, which rjsf brings for descriptions in Markdown: none of ours is. */
import type { ReactNode } from "react";

export function Markdown({ children }: { children?: ReactNode }): ReactNode {
  return children;
}
