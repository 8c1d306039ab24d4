"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { CheckboxField } from "@/components/ui/checkbox-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { expectWritesForm } from "@/lib/contract/repositories";

interface ExpectWritesFormProps {
  action: FormAction<void>;
  repository: string;
  expectsWrite: boolean;
}

export function ExpectWritesForm({ action, repository, expectsWrite }: ExpectWritesFormProps) {
  return (
    <ActionForm
      action={action}
      schema={expectWritesForm}
      hidden={{ repository }}
      values={expectsWrite ? { expected: "on" } : undefined}
      done={() => <p className="mt-3 text-sm text-ok">Saved.</p>}
      label="Writing"
      className="max-w-xl space-y-4"
    >
      <CheckboxField
        name="expected"
        label="The upstream is also written to with this credential"
        hint="Pulling only reads. Tick this where something else of yours pushes with the same token: one that can only read then needs attention."
      />
      <SubmitButton variant="secondary" busy="Saving…">
        Save
      </SubmitButton>
    </ActionForm>
  );
}
