"use client";

import { createContext, useContext } from "react";
import type { UseFormReturn } from "react-hook-form";

export interface ActionFormContext {
  form: UseFormReturn<Record<string, string>>;
  /** What stands in the fields before anybody types, a refused form's own values among it. */
  initial: Record<string, string>;
  serverErrors: Record<string, string>;
  idPrefix: string;
  pending: boolean;
}

export const FormContext = createContext<ActionFormContext | null>(null);

export function useActionForm(): ActionFormContext {
  const context = useContext(FormContext);
  if (!context) throw new Error("A field stands inside an ActionForm.");
  return context;
}

/** What one field of the form needs: its place, its starting value and what is wrong with it. */
export function useFormField(name: string) {
  const { form, initial, serverErrors, idPrefix } = useActionForm();
  const error = form.formState.errors[name]?.message ?? serverErrors[name];
  const id = `${idPrefix}-${name}`;
  return {
    id,
    error,
    control: {
      id,
      defaultValue: initial[name] ?? "",
      "aria-invalid": error ? true : undefined,
      "aria-describedby": `${id}-hint ${id}-error`,
      ...form.register(name),
    },
  };
}
