"use client";

import { clsx } from "clsx";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { PendingMark } from "@/components/ui/pending-mark";

/** A link of the sidebar that knows whether one is there. */
export function NavigationLink({ href, children }: { href: string; children: ReactNode }) {
  const pathname = usePathname();
  const here = pathname === href || pathname.startsWith(`${href}/`);
  return (
    <Link
      href={href}
      aria-current={here ? "page" : undefined}
      className={clsx(
        "flex min-h-9 items-center gap-2.5 rounded-md px-2.5 text-sm",
        here ? "bg-sunken font-medium text-text" : "text-muted hover:bg-sunken hover:text-text",
      )}
    >
      {children}
      <PendingMark />
    </Link>
  );
}
