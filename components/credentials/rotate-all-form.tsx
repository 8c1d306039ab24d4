"use client";

import Link from "next/link";
import { useState } from "react";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { buttonStyle } from "@/components/ui/button-style";
import { CheckboxField } from "@/components/ui/checkbox-field";
import { SubmitButton } from "@/components/ui/submit-button";
import type { ProviderName } from "@/lib/contract/providers";
import { rotateAllForm } from "@/lib/contract/rotations";
import { holdWrongSecret, NewSecretFields } from "./new-secret-fields";

interface RotateAllFormProps {
  action: FormAction<{ id: string; total: number }>;
  id: string;
  provider: ProviderName;
  cancel: string;
}

export function RotateAllForm({ action, id, provider, cancel }: RotateAllFormProps) {
  const [anyway, setAnyway] = useState(false);
  return (
    <ActionForm
      action={action}
      schema={rotateAllForm}
      hidden={{ id }}
      secrets={["password"]}
      hold={(values) => holdWrongSecret(provider, values, anyway)}
      label="Rotate for all"
      className="max-w-xl space-y-5"
    >
      <p className="text-sm text-muted">
        The new secret is tested at each repository. Where it passes it takes the place of the old one; where it does
        not, the old one stays in use. Usernames stay.
      </p>
      <NewSecretFields
        provider={provider}
        label="New token or password"
        anyway={anyway}
        onAnyway={setAnyway}
        autoFocus
      />
      <CheckboxField name="sure" label="Rotate it wherever this token is used" />
      <div className="flex flex-wrap gap-2">
        <SubmitButton busy="Starting…">Rotate for all</SubmitButton>
        <Link href={cancel} scroll={false} className={buttonStyle("secondary")}>
          Cancel
        </Link>
      </div>
    </ActionForm>
  );
}
