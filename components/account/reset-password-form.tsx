"use client";

import { resetForm } from "@/lib/contract/members";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";

export function ResetPasswordForm({ action, token }: { action: FormAction; token: string }) {
  return (
    <ActionForm
      action={action}
      schema={resetForm}
      hidden={{ token }}
      secrets={["password"]}
      label="New password"
      className="space-y-5"
    >
      <SecretField name="password" label="New password" hint="At least 12 characters." autoFocus />
      <SubmitButton busy="Saving…">Set password</SubmitButton>
    </ActionForm>
  );
}
