"use client";

import type { ReactNode } from "react";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { credentialForm } from "@/lib/contract/credentials";

interface CredentialActFormProps {
  action: FormAction<string>;
  id: string;
  label: string;
  busy: string;
  children: ReactNode;
}

/** One button that does one thing to a credential. */
export function CredentialActForm({ action, id, label, busy, children }: CredentialActFormProps) {
  return (
    <ActionForm action={action} schema={credentialForm} hidden={{ id }} label={label}>
      <SubmitButton variant="secondary" busy={busy}>
        {children}
      </SubmitButton>
    </ActionForm>
  );
}
