"use client";

import { clsx } from "clsx";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { PendingMark } from "@/components/ui/pending-mark";

/** One of a repository's pages. */
export function RepositoryTab({ href, children }: { href: string; children: ReactNode }) {
  const here = usePathname() === href;
  return (
    <Link
      href={href}
      aria-current={here ? "page" : undefined}
      className={clsx(
        "-mb-px border-b-2 px-0.5 pb-2.5 text-sm whitespace-nowrap",
        here ? "border-accent font-medium text-text" : "border-transparent text-muted hover:text-text",
      )}
    >
      {children}
      <PendingMark />
    </Link>
  );
}
