"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SelectField } from "@/components/ui/select-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { TOKEN_LIFETIMES, tokenPolicyForm } from "@/lib/contract/signing-keys";
import type { TokenPolicy } from "@/lib/contract/token-claims";

export function TokenPolicyForm({ action, policy }: { action: FormAction<void>; policy: TokenPolicy }) {
  return (
    <ActionForm
      action={action}
      schema={tokenPolicyForm}
      values={{ audience: policy.audience ?? "", maxMinutes: String(policy.maxMinutes ?? 0) }}
      done={() => <p className="mt-3 text-sm text-ok">Saved. The next request is judged by it.</p>}
      label="Rules for tokens"
      className="max-w-xl space-y-5"
    >
      <SelectField
        name="maxMinutes"
        label="A token is good for at most"
        hint="From when it was signed (iat) to when it ends (exp). One that is signed for longer is refused."
        options={TOKEN_LIFETIMES.map(({ minutes, label }) => ({ value: String(minutes), label }))}
      />
      <TextField
        name="audience"
        label="Audience"
        hint="What a token must hold as aud, such as this service's address. Empty: anything is taken."
        optional
        mono
      />
      <SubmitButton variant="secondary" busy="Saving…">
        Save rules
      </SubmitButton>
    </ActionForm>
  );
}
