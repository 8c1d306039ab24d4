"use client";

import Link from "next/link";
import { useState } from "react";
import { useWatch } from "react-hook-form";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { buttonStyle } from "@/components/ui/button-style";
import { useActionForm } from "@/components/ui/form-context";
import { SelectField } from "@/components/ui/select-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { rotateCredentialForm } from "@/lib/contract/credentials";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import type { ProviderName } from "@/lib/contract/providers";
import type { CredentialRow } from "@/lib/contract/repository-row";
import { ExpiryField } from "./expiry-field";
import { holdWrongSecret, NewSecretFields } from "./new-secret-fields";
import { UntestedField } from "./untested-field";

type KeptCredential = Pick<CredentialRow, "id" | "hasUsername" | "usernameHint" | "unreadableAt">;

interface RotateCredentialFormProps {
  action: FormAction<string>;
  credential: KeptCredential;
  provider: ProviderName;
  cancel: string;
}

export function RotateCredentialForm({ action, credential, provider, cancel }: RotateCredentialFormProps) {
  const [anyway, setAnyway] = useState(false);
  const choices = usernameChoices(credential);
  return (
    <ActionForm
      action={action}
      schema={rotateCredentialForm}
      hidden={{ id: credential.id }}
      values={{ usernameChoice: choices[0]!.value }}
      secrets={["password"]}
      hold={(values) => holdWrongSecret(provider, values, anyway)}
      label="Rotate the credential"
      className="space-y-5"
    >
      <NewSecretFields
        provider={provider}
        label="New token or password"
        anyway={anyway}
        onAnyway={setAnyway}
        autoFocus
      />
      <SelectField name="usernameChoice" label="Username" options={choices} />
      <OtherUsername hint={PROVIDER_FACTS[provider].usernameHint} />
      <ExpiryField provider={provider} />
      <UntestedField />
      <div className="flex flex-wrap gap-2">
        <SubmitButton busy="Testing and rotating…">Rotate credential</SubmitButton>
        <Link href={cancel} scroll={false} className={buttonStyle("secondary")}>
          Cancel
        </Link>
      </div>
    </ActionForm>
  );
}

/** The likeliest first. A username that does not open cannot be kept. */
function usernameChoices({ hasUsername, usernameHint, unreadableAt }: KeptCredential) {
  if (!hasUsername) {
    return [
      { value: "keep", label: "Still none" },
      { value: "replace", label: "Another one" },
    ];
  }
  if (unreadableAt) {
    return [
      { value: "replace", label: "Typed again" },
      { value: "none", label: "None" },
    ];
  }
  return [
    { value: "keep", label: usernameHint ? `Keep ${usernameHint}` : "Keep the stored one" },
    { value: "replace", label: "Another one" },
    { value: "none", label: "None any more" },
  ];
}

/** Shown where another username was chosen; before JavaScript arrives it always is. */
function OtherUsername({ hint }: { hint: string }) {
  const { form } = useActionForm();
  const choice = useWatch({ control: form.control, name: "usernameChoice" });
  return (
    <div className={choice === "replace" ? undefined : "scripted-hidden"}>
      <TextField name="username" label="New username" mono hint={hint} />
    </div>
  );
}
