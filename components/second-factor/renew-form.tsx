"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { ownProofForm } from "@/lib/contract/second-factor";
import { CodeField } from "./code-field";
import { RecoveryCodes } from "./recovery-codes";

/** Ten new recovery codes for the password. */
export function RenewForm({ action }: { action: FormAction<{ recoveryCodes: string[] }> }) {
  return (
    <ActionForm
      action={action}
      schema={ownProofForm}
      secrets={["current", "code"]}
      label="Make new recovery codes"
      className="max-w-sm space-y-5"
      instead={({ recoveryCodes }) => (
        <div role="status">
          <RecoveryCodes codes={recoveryCodes} />
        </div>
      )}
    >
      <SecretField name="current" label="Current password" autoComplete="current-password" />
      <CodeField />
      <SubmitButton variant="secondary" busy="Making codes…">
        Make new codes
      </SubmitButton>
    </ActionForm>
  );
}
