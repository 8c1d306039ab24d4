"use client";

import { Search } from "lucide-react";
import { openCommandMenu } from "./open-command-menu";

/** Says that ⌘K finds things, and opens it for those who would rather click. */
export function SearchHint() {
  return (
    <button
      type="button"
      onClick={openCommandMenu}
      className="scripted flex min-h-9 items-center gap-2.5 rounded-md border border-border bg-surface px-2.5 text-sm text-muted hover:text-text"
    >
      <Search aria-hidden className="size-4" />
      Find…
      <kbd className="ml-auto rounded border border-border px-1.5 font-mono text-xs">Ctrl K</kbd>
    </button>
  );
}
