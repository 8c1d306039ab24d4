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
}: TextFieldProps) {
  const { id, error, control } = useFormField(name);
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} optional={optional}>
      <input
        {...control}
        type={type}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellCheck={false}

        autoFocus={autoFocus}
        className={controlStyle(clsx(mono && "font-mono"))}
      />
    </FieldFrame>
  );
}
