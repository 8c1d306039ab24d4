import { clsx } from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";

/** One choice of a filter that stands in the address. */
export function FilterChip({ href, chosen, children }: { href: string; chosen: boolean; children: ReactNode }) {
  return (
    <Link
      href={href}
      aria-current={chosen ? "true" : undefined}
      className={clsx(
        "rounded-full border px-3 py-1 text-xs font-medium tabular-nums",
        chosen
          ? "border-transparent bg-text text-surface"
          : "border-border text-muted hover:border-strong hover:text-text",
      )}
    >
      {children}
    </Link>
  );
}
