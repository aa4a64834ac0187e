import type { ComponentProps } from "react";
import { cn } from "./cn";

/** A table that scrolls sideways in itself, never the page. `label`: its name for who hears it. */
export function Table({ className, label, ...rest }: ComponentProps<"table"> & { label: string }) {
  return (
    <section aria-label={label} className="overflow-x-auto rounded-lg border">
      <table className={cn("w-full text-left text-[13px]", className)} {...rest} />
    </section>
  );
}

export function Head({ className, ...rest }: ComponentProps<"thead">) {
  return <thead className={cn("border-b bg-muted/50 text-muted-foreground text-xs", className)} {...rest} />;
}

export function Body({ className, ...rest }: ComponentProps<"tbody">) {
  return <tbody className={cn("divide-y", className)} {...rest} />;
}

export function Row({ className, ...rest }: ComponentProps<"tr">) {
  return <tr className={cn("hover:bg-muted/40", className)} {...rest} />;
}

export function Column({ className, ...rest }: ComponentProps<"th">) {
  return <th scope="col" className={cn("whitespace-nowrap px-3 py-2 font-medium", className)} {...rest} />;
}

export function Cell({ className, ...rest }: ComponentProps<"td">) {
  return <td className={cn("px-3 py-2 align-middle", className)} {...rest} />;
}
