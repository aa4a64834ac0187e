import { Switch as Radix } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn";

export function Switch({ className, ...rest }: ComponentProps<typeof Radix.Root>) {
  return (
    <Radix.Root
      className={cn(
        "relative inline-flex h-5 w-9 shrink-0 items-center rounded-full bg-input p-0.5 transition-colors disabled:opacity-50 data-[state=checked]:bg-primary",
        className,
      )}
      {...rest}
    >
      <Radix.Thumb className="block size-4 rounded-full bg-background shadow transition-transform data-[state=checked]:translate-x-4" />
    </Radix.Root>
  );
}

export function Checkbox({ className, ...rest }: Omit<ComponentProps<"input">, "type">) {
  return (
    <input
      type="checkbox"
      className={cn(
        "size-4 shrink-0 appearance-none rounded-sm border border-muted-foreground/60 bg-background bg-center bg-cover transition-colors checked:border-primary checked:bg-(image:--check) checked:bg-primary disabled:cursor-not-allowed disabled:opacity-50 pointer-coarse:size-5 forced-colors:appearance-auto dark:bg-card",
        className,
      )}
      {...rest}
    />
  );
}
