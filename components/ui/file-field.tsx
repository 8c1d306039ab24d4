"use client";

import type { ReactNode, Ref } from "react";
import { controlStyle } from "./control-style";
import { FieldFrame } from "./field-frame";
import { useActionForm } from "./form-context";

interface FileFieldProps {
  name: string;
  label: string;
  /** What the browser offers first: endings and media types. */
  accept: string;
  hint?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/** A file to choose. */
export function FileField({ name, label, accept, hint, ref }: FileFieldProps) {
  const { form, serverErrors, idPrefix } = useActionForm();
  const error = form.formState.errors[name]?.message ?? serverErrors[name];
  const id = `${idPrefix}-${name}`;
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <input
        ref={ref}
        id={id}
        name={name}
        type="file"
        accept={accept}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-hint ${id}-error`}
        className={controlStyle(
          "file:mr-3 file:rounded file:border-0 file:bg-sunken file:px-2 file:py-0.5 file:text-text",
        )}
      />
    </FieldFrame>
  );
}
