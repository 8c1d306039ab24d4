"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { endSessionForm } from "@/lib/contract/sessions";

/** Ends one session; one can simply sign in there again, so nothing is asked. */
export function EndSessionForm({ action, id, browser }: { action: FormAction; id: string; browser: string }) {
  return (
    <ActionForm action={action} schema={endSessionForm} hidden={{ id }} label={`End the session of ${browser}`}>
      <SubmitButton variant="secondary" busy="Ending…">
        End<span className="sr-only"> the session of {browser}</span>
      </SubmitButton>
    </ActionForm>
  );
}
