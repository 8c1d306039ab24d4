"use client";

import { acceptInvitationForm } from "@/lib/contract/members";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SecretField } from "@/components/ui/secret-field";
import { SubmitButton } from "@/components/ui/submit-button";

interface AcceptInvitationFormProps {
  action: FormAction;
  token: string;
  /** Whether the invited address can sign in already. */
  known: boolean;
}

export function AcceptInvitationForm({ action, token, known }: AcceptInvitationFormProps) {
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
        label={known ? "Your password" : "Choose a password"}
        hint={known ? "The one you sign in to Latchkey with already." : "At least 12 characters."}
        autoComplete={known ? "current-password" : "new-password"}
        autoFocus
      />
      <SubmitButton busy="Joining…">Join</SubmitButton>
    </ActionForm>
  );
}
