"use client";

import { setupForm } from "@/lib/contract/members";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";

export function SetupForm({ action, token }: { action: FormAction; token: string }) {
  return (
    <ActionForm
      action={action}
      schema={setupForm}
      hidden={{ token }}
      secrets={["password"]}
      label="Set up"
      className="space-y-5"
    >
      <TextField
        name="organization"
        label="Organization"
        mono
        autoFocus
        hint="Small letters, digits and hyphens. It stands in addresses, and tokens name it as their issuer."
      />
      <TextField name="email" label="Your e-mail address" type="email" autoComplete="username" />
      <SecretField name="password" label="Password" hint="At least 12 characters." />
      <SubmitButton busy="Setting up…">Create organization</SubmitButton>
    </ActionForm>
  );
}
