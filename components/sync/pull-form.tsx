"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { pullForm } from "@/lib/contract/sync-runs";

export function PullForm({
  action,
  repository,
}: {
  action: FormAction<{ repository: string; asked: number }>;
  repository: string;
}) {
  return (
    <ActionForm action={action} schema={pullForm} hidden={{ repository }} label="Pull now">
      <SubmitButton busy="Asking…">Pull now</SubmitButton>
    </ActionForm>
  );
}
