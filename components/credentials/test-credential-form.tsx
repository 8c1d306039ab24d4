"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { testCredentialForm } from "@/lib/contract/credentials";

/** Tests what is stored against the host; it takes no address and no secret. */
export function TestCredentialForm({ action, id }: { action: FormAction<string>; id: string }) {
  return (
    <ActionForm action={action} schema={testCredentialForm} hidden={{ id }} label="Test the credential">
      <SubmitButton variant="secondary" busy="Testing…">
        Test
      </SubmitButton>
    </ActionForm>
  );
}
