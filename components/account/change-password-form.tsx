"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { changePasswordForm } from "@/lib/contract/members";

export function ChangePasswordForm({ action, email }: { action: FormAction; email: string }) {
  return (
    <ActionForm
      action={action}
      schema={changePasswordForm}
      secrets={["current", "password"]}
      label="Change your password"
      className="max-w-sm space-y-5"
    >
      {/* For password managers, which file the new password under it. */}
      <input type="hidden" autoComplete="username" value={email} readOnly />
      <SecretField name="current" label="Current password" autoComplete="current-password" />
      <SecretField name="password" label="New password" hint="At least 12 characters." />
      <SubmitButton busy="Changing…">Change password</SubmitButton>
    </ActionForm>
  );
}
