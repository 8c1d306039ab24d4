"use client";

import type { ReactNode } from "react";
import { useActionForm } from "./form-context";

interface CheckboxFieldProps {
  name: string;
  label: ReactNode;
  hint?: ReactNode;
  /** The id of an error that concerns this box with others. */
  errorId?: string;
}

/** A box to tick: "on" in the form where it is, and nothing where it is not. */
export function CheckboxField({ name, label, hint, errorId }: CheckboxFieldProps) {
  const { form, initial, idPrefix } = useActionForm();
  const id = `${idPrefix}-${name}`;
  return (
    <div>
      <label className="flex items-start gap-2 text-sm">
        <input
          id={id}
          type="checkbox"
          value="on"
          defaultChecked={initial[name] === "on"}
          aria-describedby={[hint && `${id}-hint`, errorId].filter(Boolean).join(" ") || undefined}
          className="mt-1"
          {...form.register(name)}
        />
        <span>{label}</span>
      </label>
      {hint && (
        <p id={`${id}-hint`} className="mt-1 ml-6 text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}
