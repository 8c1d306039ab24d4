"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { importForm } from "@/lib/contract/imports";

interface ImportActFormProps {
  action: FormAction<{ id: string }>;
  id: string;
  label: string;
  busy: string;
  primary?: boolean;
}

/** One button that does something with an import. */
export function ImportActForm({ action, id, label, busy, primary }: ImportActFormProps) {
  return (
    <ActionForm action={action} schema={importForm} hidden={{ id }} label={label}>
      <SubmitButton variant={primary ? "primary" : "secondary"} busy={busy}>
        {label}
      </SubmitButton>
    </ActionForm>
  );
}
