"use client";

import { LoaderCircle } from "lucide-react";
import { useLinkStatus } from "next/link";

/**
 * Inside a link: turns while the page it leads to is on its way. Pages have no skeletons of their own: those stream, and
 * what is streamed shows only where JavaScript runs.
 */
export function PendingMark() {
  const { pending } = useLinkStatus();
  return (
    <span role="status" className="inline-flex">
      {pending && (
        <>
          <LoaderCircle aria-hidden className="ml-1 size-3.5 animate-spin" />
          <span className="sr-only">Loading</span>
        </>
      )}
    </span>
  );
}
