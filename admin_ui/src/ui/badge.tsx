import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "./cn";

const look = cva(
  "inline-flex max-w-full items-center gap-1 rounded-full px-2 py-0.5 font-medium text-xs [&_svg]:size-3",
  {
    variants: {
      tone: {
        neutral: "bg-secondary text-secondary-foreground",
        good: "bg-success/12 text-success",
        warning: "bg-warning/14 text-warning",
        bad: "bg-destructive/10 text-destructive",
        info: "bg-info/10 text-info",
        accent: "bg-primary/10 text-primary",
      },
    },
    defaultVariants: { tone: "neutral" },
  },
);

export type Tone = NonNullable<VariantProps<typeof look>["tone"]>;

export function Badge({
  tone,
  className,
  children,
  ...rest
}: ComponentProps<"span"> & VariantProps<typeof look>) {
  return (
    <span className={cn(look({ tone }), className)} {...rest}>
      <span className="truncate">{children}</span>
    </span>
  );
}

const dots: Record<Tone, string> = {
  neutral: "bg-muted-foreground/60",
  good: "bg-success",
  warning: "bg-warning",
  bad: "bg-destructive",
  info: "bg-info",
  accent: "bg-primary",
};

/** A coloured dot; beside it stands a word, since colour alone says nothing. */
export function Dot({ tone = "neutral", className }: { tone?: Tone; className?: string }) {
  return (
    <span aria-hidden className={cn("inline-block size-2 shrink-0 rounded-full", dots[tone], className)} />
  );
}
