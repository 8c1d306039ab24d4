"use client";

import { acceptInvitationForm } from "@/lib/contract/members";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";

/** The same for an address that can sign in already and for one that cannot: whoever has the link is told neither. */
export function AcceptInvitationForm({ action, token }: { action: FormAction; token: string }) {
  return (
    <ActionForm
      action={action}
      schema={acceptInvitationForm}
      hidden={{ token }}
      secrets={["password"]}
      label="Join"
      className="space-y-5"
    >
      <SecretField
        name="password"
        label="Password"
        hint="The one you sign in to Latchkey with already. If you have none, choose one of at least 12 characters."
        autoComplete="current-password"
        autoFocus
      />
      <SubmitButton busy="Joining…">Join</SubmitButton>
    </ActionForm>
  );
}
