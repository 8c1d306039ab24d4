"use client";

import { CircleAlert } from "lucide-react";
import { useEffect, useRef } from "react";

interface ErrorSummaryProps {
  message: string;
  fields: Record<string, string>;
  shown: boolean;
  /** Changes with every attempt, so that the same refusal takes focus again. */
  attempt: string;
  idPrefix: string;
}

/** What was wrong with a form, above it: takes focus when it appears, and leads to each field. */
export function ErrorSummary({ message, fields, shown, attempt, idPrefix }: ErrorSummaryProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (shown) box.current?.focus();
  }, [shown, attempt]);
  if (!shown) return null;
  return (
    <div
      ref={box}
      role="alert"
      tabIndex={-1}
      className="mb-5 flex gap-2.5 rounded-md border border-danger bg-danger-soft px-3.5 py-3 text-sm"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div>
        <p className="font-medium text-danger">{message}</p>
        <ul className="mt-1 space-y-0.5">
          {Object.entries(fields)
            .filter(([, sentence]) => sentence !== message)
            .map(([name, sentence]) => (
              <li key={name}>
                <a className="underline underline-offset-2" href={`#${idPrefix}-${name}`}>
                  {sentence}
                </a>
              </li>
            ))}
        </ul>
      </div>
    </div>
  );
}
