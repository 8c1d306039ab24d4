"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SubmitButton } from "@/components/ui/submit-button";
import { signInRuleForm } from "@/lib/contract/second-factor";

/** Turns the rule to what it is not. */
export function SignInRuleForm({ action, required }: { action: FormAction<void>; required: boolean }) {
  return (
    <ActionForm
      action={action}
      schema={signInRuleForm}
      hidden={{ required: required ? "no" : "yes" }}
      label="Rule on second factors"
      className="mt-5"
    >
      <SubmitButton variant={required ? "secondary" : "primary"} busy="Changing…">
        {required ? "Require it no longer" : "Require a second factor"}
      </SubmitButton>
    </ActionForm>
  );
}
