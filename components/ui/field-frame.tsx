import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";

interface FieldFrameProps {
  id: string;
  label: string;
  /** For a control whose place says what it is; a screen reader still hears it. */
  labelHidden?: boolean;
  hint?: ReactNode;
  error?: string;
  optional?: boolean;
  children: ReactNode;
}

/** A labelled control with its hint and its error. */
export function FieldFrame({ id, label, labelHidden, hint, error, optional, children }: FieldFrameProps) {
  return (
    <div>
      <label htmlFor={id} className={labelHidden ? "sr-only" : "block text-sm font-medium"}>
        {label}
        {optional && <span className="font-normal text-muted"> (optional)</span>}
      </label>
      <div className={labelHidden ? undefined : "mt-1.5"}>{children}</div>
      <p id={`${id}-error`} className="mt-1.5 flex gap-1.5 text-sm text-danger empty:hidden">
        {error && (
          <>
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
            {error}
          </>
        )}
      </p>
      <div id={`${id}-hint`} className="mt-1.5 text-sm text-muted empty:hidden">
        {hint}
      </div>
    </div>
  );
}
