import type { ComponentProps } from "react";
import { cn } from "./cn";

const look =
  "w-full min-w-0 rounded-md border border-input bg-background px-2.5 text-sm transition-shadow focus-visible:border-ring focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:outline-ring/40 disabled:cursor-not-allowed disabled:opacity-60 read-only:bg-muted/50 aria-invalid:border-destructive dark:bg-card pointer-coarse:text-base";

export function Input({ className, type = "text", ...rest }: ComponentProps<"input">) {
  return <input type={type} className={cn(look, "h-8 pointer-coarse:h-10", className)} {...rest} />;
}

/** It grows with what it holds. */
export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea
      className={cn(look, "field-sizing-content max-h-80 min-h-16 py-1.5 leading-relaxed", className)}
      {...rest}
    />
  );
}

/** The browser's own select: its keyboard, names and touch are the best there are. `small`: among a pane's tools. */
export function Select({ className, small, ...rest }: ComponentProps<"select"> & { small?: boolean }) {
  return (
    <select
      className={cn(
        look,
        "h-8 appearance-none truncate bg-[image:var(--select-arrow)] bg-[length:1rem] bg-[position:right_0.5rem_center] bg-no-repeat pr-8 read-only:bg-background dark:read-only:bg-card pointer-coarse:h-10",
        small && "h-7 w-auto max-w-full bg-[position:right_0.125rem_center] pr-5 pl-2 text-xs",
        className,
      )}
      {...rest}
    />
  );
}
