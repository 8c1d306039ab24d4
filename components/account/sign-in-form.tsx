"use client";

import { signInForm } from "@/lib/contract/members";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";

export function SignInForm({ action, next }: { action: FormAction; next: string }) {
  return (
    <ActionForm
      action={action}
      schema={signInForm}
      hidden={{ next }}
      secrets={["password"]}
      label="Sign in"
      className="space-y-5"
    >
      <TextField name="email" label="E-mail address" type="email" autoComplete="username" autoFocus />
      <SecretField name="password" label="Password" autoComplete="current-password" />
      <SubmitButton busy="Signing in…">Sign in</SubmitButton>
    </ActionForm>
  );
}
