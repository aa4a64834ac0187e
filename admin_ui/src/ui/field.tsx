import { cloneElement, type ReactElement, type ReactNode, useId } from "react";
import { cn } from "./cn";

type Control = ReactElement<{
  id?: string;
  required?: boolean;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean | undefined;
}>;

type Props = {
  label: ReactNode;
  /** What it is for, or how it should look. */
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: string | undefined;
  className?: string;
  /** One control: it gets the label, the hint and the error by id. */
  children: Control;
};

/** A control with its label, its hint and what is wrong with it. */
export function Field({ label, hint, error, className, children }: Props) {
  const id = useId();
  const own = children.props.id ?? id;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={cn("grid grid-cols-1 content-start gap-1.5", className)}>
      <label htmlFor={own} className="font-medium text-[13px]">
        {label}
      </label>
      {cloneElement(children, {
        id: own,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? true : undefined,
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-muted-foreground text-xs">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-destructive text-xs">
          {error}
        </p>
      )}
    </div>
  );
}
