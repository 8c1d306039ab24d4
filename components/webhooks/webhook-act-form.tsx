"use client";

import type { ReactNode } from "react";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { webhookForm } from "@/lib/contract/webhooks";

interface WebhookActFormProps {
  action: FormAction<{ id: string }>;
  /** What the act is done to. */
  id: string;
  label: string;
  busy: string;
  children: ReactNode;
}

/** One button that does one thing to a webhook or a delivery. */
export function WebhookActForm({ action, id, label, busy, children }: WebhookActFormProps) {
  return (
    <ActionForm action={action} schema={webhookForm} hidden={{ id }} label={label}>
      <SubmitButton variant="secondary" busy={busy}>
        {children}
      </SubmitButton>
    </ActionForm>
  );
}
