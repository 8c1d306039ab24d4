"use client";

import { Check, Copy } from "lucide-react";
import { useState } from "react";

/** Copies a text. `what` names it for a screen reader: "Copy the credential's id". */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      onBlur={() => setCopied(false)}
      className="scripted inline-flex size-7 shrink-0 items-center justify-center rounded text-muted hover:bg-sunken hover:text-text"
    >
      <Icon aria-hidden className="size-3.5" />
      <span className="sr-only" role="status">
        {copied ? "Copied" : ""}
      </span>
      <span className="sr-only">Copy {what}</span>
    </button>
  );
}
