"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { sendTestMailForm } from "@/lib/contract/notices";

/** One button: a message to oneself. */
export function TestMailForm({ action }: { action: FormAction<void> }) {
  return (
    <ActionForm action={action} schema={sendTestMailForm} label="Send yourself a test">
      <SubmitButton variant="secondary" busy="Sending…">
        Send test
      </SubmitButton>
    </ActionForm>
  );
}
