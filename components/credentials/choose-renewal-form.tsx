"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { chooseRenewalForm } from "@/lib/contract/renewals";

interface ChooseRenewalFormProps {
  action: FormAction<{ name: string; on: "true" | "false" }>;
  id: string;
  /** How it is now. */
  on: boolean;
}

/** Turns the renewal on where it is off, and off where it is on. */
export function ChooseRenewalForm({ action, id, on }: ChooseRenewalFormProps) {
  return (
    <ActionForm
      action={action}
      schema={chooseRenewalForm}
      hidden={{ id, on: on ? "false" : "true" }}
      label="Renewal of the token"
    >
      <SubmitButton variant="secondary" busy="Saving…">
        {on ? "Turn off" : "Let it renew itself"}
      </SubmitButton>
    </ActionForm>
  );
}
