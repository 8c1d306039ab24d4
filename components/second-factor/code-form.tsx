"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { codeForm } from "@/lib/contract/second-factor";

/** The second half of signing in. */
export function CodeForm({ action, next }: { action: FormAction; next: string }) {
  return (
    <ActionForm
      action={action}
      schema={codeForm}
      hidden={{ next }}
      secrets={["code"]}
      label="Second factor"
      className="space-y-5"
    >
      <TextField name="code" label="Code" autoComplete="one-time-code" mono autoFocus />
      <SubmitButton busy="Signing in…">Sign in</SubmitButton>
    </ActionForm>
  );
}
