"use client";

import type { ReactNode } from "react";
import { controlStyle } from "./control-style";
import { FieldFrame } from "./field-frame";
import { useFormField } from "./form-context";

export interface SelectOption {
  value: string;
  label: string;
}

interface SelectFieldProps {
  name: string;
  label: string;
  hint?: ReactNode;
  options: readonly SelectOption[];
  labelHidden?: boolean;
  onChoice?: (value: string) => void;
}

/** One of a few, by the browser's own list. */
export function SelectField(props: SelectFieldProps) {
  const { id, error, control } = useFormField(props.name);
  return (
    <FieldFrame id={id} label={props.label} labelHidden={props.labelHidden} hint={props.hint} error={error}>
      <select
        {...control}
        onChange={(event) => {
          void control.onChange(event);
          props.onChoice?.(event.currentTarget.value);
        }}
        className={controlStyle("min-w-28")}
      >
        {props.options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
