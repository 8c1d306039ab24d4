"use client";

import { z } from "zod";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";

const NOTHING = z.object({});

export function CheckChainForm({ action }: { action: FormAction<void> }) {
  return (
    <ActionForm action={action} schema={NOTHING} label="Check the chain">
      <SubmitButton variant="secondary" busy="Asking…">
        Check now
      </SubmitButton>
    </ActionForm>
  );
}
