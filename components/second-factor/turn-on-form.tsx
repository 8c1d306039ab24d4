"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { turnOnForm } from "@/lib/contract/second-factor";

/** The last step: a code proves that the app has the key. */
export function TurnOnForm({ action }: { action: FormAction }) {
  return (
    <ActionForm action={action} schema={turnOnForm} secrets={["code"]} label="Turn on" className="max-w-sm space-y-5">
      <TextField name="code" label="Code" hint="The six digits that the app shows." autoComplete="one-time-code" mono />
      <SubmitButton busy="Turning on…">Turn on</SubmitButton>
    </ActionForm>
  );
}
