"use client";

import type { ReactNode } from "react";
import { controlStyle } from "./control-style";
import { FieldFrame } from "./field-frame";
import { useFormField } from "./form-context";

export interface SelectOption {
  value: string;
  label: string;
}

/** One of a few, by the browser's own list. */
export function SelectField(props: {
  name: string;
  label: string;
  hint?: ReactNode;
  options: readonly SelectOption[];
}) {
  const { id, error, control } = useFormField(props.name);
  return (
    <FieldFrame id={id} label={props.label} hint={props.hint} error={error}>
      <select {...control} className={controlStyle()}>
        {props.options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
