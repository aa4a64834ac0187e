import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { cn } from "./cn";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** One sentence below the title. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons: the way on comes last. */
  footer?: ReactNode;
  /** `side`: a panel at the right edge, for more than a question. */
  place?: "middle" | "side";
  className?: string;
};

const veil = "fixed inset-0 z-50 bg-black/45 data-[state=open]:animate-in data-[state=open]:fade-in";
const places = {
  middle:
    "top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] w-[calc(100%-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 rounded-xl data-[state=open]:zoom-in-98",
  side: "inset-y-0 right-0 w-full max-w-xl border-y-0 border-r-0 data-[state=open]:slide-in-from-right-4",
};

/** A question or a form that the page waits for. Focus stays in it, and returns. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  place = "middle",
  className,
}: Props) {
  const { t } = useTranslation("frame");
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={veil} />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          // A panel is read first: its fields do not open a phone's keyboard.
          onOpenAutoFocus={(event) => {
            if (place !== "side") return;
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          className={cn(
            "fixed z-50 flex flex-col border outline-none bg-popover text-popover-foreground shadow-xl duration-150 data-[state=open]:animate-in data-[state=open]:fade-in",
            places[place],
            className,
          )}
        >
          <div className="py-4 pr-14 pl-5">
            <div className="space-y-1">
              <Radix.Title className="break-words font-semibold text-base">{title}</Radix.Title>
              {description && (
                <Radix.Description className="text-[13px] text-muted-foreground">
                  {description}
                </Radix.Description>
              )}
            </div>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
          {footer && <div className="flex flex-wrap justify-end gap-2 border-t px-5 py-3">{footer}</div>}
          <Radix.Close asChild>
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={t("action.close")}
              className="absolute top-3 right-3"
            >
              <X />
            </Button>
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
