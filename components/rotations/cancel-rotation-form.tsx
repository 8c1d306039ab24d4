"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { rotationForm } from "@/lib/contract/rotations";

/** Ends the rest; nothing that was done is undone. */
export function CancelRotationForm({ action, id }: { action: FormAction<{ id: string }>; id: string }) {
  return (
    <ActionForm action={action} schema={rotationForm} hidden={{ id }} label="Cancel the rest">
      <SubmitButton variant="secondary" busy="Cancelling…">
        Cancel the rest
      </SubmitButton>
    </ActionForm>
  );
}
