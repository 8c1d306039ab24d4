"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { ownProofForm } from "@/lib/contract/second-factor";
import { CodeField } from "./code-field";

export function TurnOffForm({ action }: { action: FormAction }) {
  return (
    <ActionForm
      action={action}
      schema={ownProofForm}
      secrets={["current", "code"]}
      label="Turn off the second factor"
      className="max-w-sm space-y-5"
    >
      <SecretField name="current" label="Current password" autoComplete="current-password" />
      <CodeField />
      <SubmitButton variant="danger" busy="Turning off…">
        Turn off
      </SubmitButton>
    </ActionForm>
  );
}
