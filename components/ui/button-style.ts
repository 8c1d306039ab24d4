import { clsx } from "clsx";

export type ButtonVariant = "primary" | "secondary" | "danger" | "quiet";

const VARIANTS: Record<ButtonVariant, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover",
  secondary: "border border-strong bg-raised text-text hover:bg-sunken",
  danger: "bg-danger text-on-danger hover:opacity-90",
  quiet: "text-muted hover:bg-sunken hover:text-text",
};

/** The classes of everything that looks like a button, link or not. */
export function buttonStyle(variant: ButtonVariant, className?: string): string {
  return clsx(
    "inline-flex min-h-9 items-center justify-center gap-2 rounded-md px-3.5 py-1.5 text-sm font-medium whitespace-nowrap transition-colors",
    "aria-disabled:cursor-default aria-disabled:opacity-60",
    VARIANTS[variant],
    className,
  );
}
