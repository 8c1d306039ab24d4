"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { withdrawInvitationForm } from "@/lib/contract/members";

/** Ends an invitation; it can simply be made again, so nothing is asked. */
export function WithdrawForm({ action, id, email }: { action: FormAction<void>; id: string; email: string }) {
  return (
    <ActionForm
      action={action}
      schema={withdrawInvitationForm}
      hidden={{ id }}
      label={`Withdraw the invitation of ${email}`}
    >
      <SubmitButton variant="secondary" busy="Withdrawing…">
        Withdraw<span className="sr-only"> the invitation of {email}</span>
      </SubmitButton>
    </ActionForm>
  );
}
