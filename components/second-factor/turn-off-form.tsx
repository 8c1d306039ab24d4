"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { ownPasswordForm } from "@/lib/contract/second-factor";

export function TurnOffForm({ action }: { action: FormAction }) {
  return (
    <ActionForm
      action={action}
      schema={ownPasswordForm}
      secrets={["current"]}
      label="Turn off the second factor"
      className="max-w-sm space-y-5"
    >
      <SecretField name="current" label="Current password" autoComplete="current-password" />
      <SubmitButton variant="danger" busy="Turning off…">
        Turn off
      </SubmitButton>
    </ActionForm>
  );
}
