"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SelectField } from "@/components/ui/select-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { KEEP_CHOICES, keepPreviousForm } from "@/lib/contract/organizations";

export function KeepPreviousForm({ action, days }: { action: FormAction<void>; days: number }) {
  return (
    <ActionForm
      action={action}
      schema={keepPreviousForm}
      values={{ days: String(days) }}
      done={() => <p className="mt-3 text-sm text-ok">Saved.</p>}
      label="Replaced secrets"
      className="max-w-xs space-y-4"
    >
      <SelectField
        name="days"
        label="Keep a replaced secret"
        options={KEEP_CHOICES.map((each) => ({ value: String(each.days), label: each.label }))}
      />
      <SubmitButton variant="secondary" busy="Saving…">
        Save
      </SubmitButton>
    </ActionForm>
  );
}
