"use client";

import type { ReactNode } from "react";
import { controlStyle } from "./control-style";
import { FieldFrame } from "./field-frame";
import { useFormField } from "./form-context";

/** Several lines of text, in mono. */
export function TextAreaField(props: {
  name: string;
  label: string;
  hint?: ReactNode;
  rows: number;
  placeholder?: string;
}) {
  const { id, error, control } = useFormField(props.name);
  return (
    <FieldFrame id={id} label={props.label} hint={props.hint} error={error}>
      <textarea
        {...control}
        rows={props.rows}
        placeholder={props.placeholder}
        spellCheck={false}
        autoComplete="off"
        className={controlStyle("font-mono")}
      />
    </FieldFrame>
  );
}
