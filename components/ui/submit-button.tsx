"use client";

import type { ReactNode } from "react";
import { buttonStyle, type ButtonVariant } from "./button-style";
import { useActionForm } from "./form-context";

/** Sends the form; says so while it is on its way. */
export function SubmitButton(props: { variant?: ButtonVariant; busy: string; children: ReactNode }) {
  const { pending } = useActionForm();
  return (
    <button type="submit" aria-disabled={pending} className={buttonStyle(props.variant ?? "primary")}>
      {pending ? props.busy : props.children}
    </button>
  );
}
