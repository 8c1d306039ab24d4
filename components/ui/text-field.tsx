"use client";

import { clsx } from "clsx";
import type { ReactNode } from "react";
import { controlStyle } from "./control-style";
import { FieldFrame } from "./field-frame";
import { useFormField } from "./form-context";

interface TextFieldProps {
  name: string;
  label: string;
  hint?: ReactNode;
  type?: "text" | "email" | "password" | "date";
  autoComplete?: string;
  optional?: boolean;
  mono?: boolean;
  autoFocus?: boolean;
  /** What the browser offers to fill in. */
  suggestions?: readonly { value: string; label: string }[];
}

/** A line of text. */
export function TextField({
  name,
  label,
  hint,
  type = "text",
  autoComplete = "off",
  optional,
  mono,
  autoFocus,
  suggestions,
}: TextFieldProps) {
  const { id, error, control } = useFormField(name);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} optional={optional}>
      <input
        {...control}
        type={type}
        list={suggestions && `${id}-suggestions`}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellCheck={false}

        autoFocus={autoFocus}
        className={controlStyle(clsx(mono && "font-mono"))}
      />
      {suggestions && (
        <datalist id={`${id}-suggestions`}>
          {suggestions.map(({ value, label: says }) => (
            <option key={value} value={value} label={says} />
          ))}
        </datalist>
      )}
    </FieldFrame>
  );
}
