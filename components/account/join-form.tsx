"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { joinForm } from "@/lib/contract/members";

/** For whom the invitation is, and who is signed in: only whether they want to is asked. */
export function JoinForm({ action, token }: { action: FormAction; token: string }) {
  return (
    <ActionForm action={action} schema={joinForm} hidden={{ token }} label="Join" className="space-y-5">
      <SubmitButton busy="Joining…">Join</SubmitButton>
    </ActionForm>
  );
}
