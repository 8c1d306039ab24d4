"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { endOtherSessionsForm } from "@/lib/contract/sessions";

/** Ends every session but the one that asks. */
export function EndOthersForm({ action }: { action: FormAction }) {
  return (
    <ActionForm action={action} schema={endOtherSessionsForm} label="End all others" className="mt-4">
      <SubmitButton variant="secondary" busy="Ending…">
        End all others
      </SubmitButton>
    </ActionForm>
  );
}
