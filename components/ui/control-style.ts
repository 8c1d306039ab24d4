import { clsx } from "clsx";

/** The classes of everything that one types or chooses in. */
export function controlStyle(className?: string): string {
  return clsx(
    "block min-h-9 w-full rounded-md border border-strong bg-raised px-3 py-1.5 text-sm text-text placeholder:text-muted",
    "aria-invalid:border-danger",
    className,
  );
}
