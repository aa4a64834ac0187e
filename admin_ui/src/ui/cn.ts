import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names; of two that contradict each other the last counts. */
export function cn(...classes: ClassValue[]): string {
  return twMerge(clsx(classes));
}
