"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { ownPasswordForm } from "@/lib/contract/second-factor";
import { NewSecondFactor, type NewSecondFactorProps } from "./new-second-factor";

interface BeginFormProps {
  action: FormAction<NewSecondFactorProps>;
  /** Whether one was made already that no code has turned on yet. */
  begun: boolean;
}

/** The first step: for the password, what goes into the app is shown, once. */
export function BeginForm({ action, begun }: BeginFormProps) {
  return (
    <ActionForm
      action={action}
      schema={ownPasswordForm}
      secrets={["current"]}
      label="Set up a second factor"
      className="max-w-sm space-y-5"
      instead={(made) => <NewSecondFactor {...made} />}
    >
      <SecretField name="current" label="Current password" autoComplete="current-password" />
      <SubmitButton variant={begun ? "secondary" : "primary"} busy="Making a code…">
        {begun ? "Make another QR code" : "Show the QR code"}
      </SubmitButton>
    </ActionForm>
  );
}
