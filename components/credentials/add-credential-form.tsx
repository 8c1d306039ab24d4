"use client";

import { useEffect, useRef, useState } from "react";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { useActionForm } from "@/components/ui/form-context";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { createCredentialForm } from "@/lib/contract/credentials";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import type { ProviderName } from "@/lib/contract/providers";
import { ExpiryField } from "./expiry-field";
import { takeHandedSecret } from "./handed-secret";
import { UntestedField } from "./untested-field";
import { NewSecretFields, holdWrongSecret } from "./new-secret-fields";

interface AddCredentialFormProps {
  action: FormAction<string>;
  repository: { id: string; name: string };
  provider: ProviderName;
}

export function AddCredentialForm({ action, repository, provider }: AddCredentialFormProps) {
  const { username, usernameHint } = PROVIDER_FACTS[provider];
  const [anyway, setAnyway] = useState(false);
  return (
    <ActionForm
      action={action}
      schema={createCredentialForm}
      hidden={{ repository: repository.id }}
      values={{ username }}
      secrets={["password"]}
      hold={(values) => holdWrongSecret(provider, values, anyway)}
      label="Add a credential"
      className="space-y-5"
    >
      <HandedSecret repository={repository.name} />
      <TextField name="username" label="Username" optional mono hint={usernameHint} />
      <NewSecretFields provider={provider} label="Token or password" anyway={anyway} onAnyway={setAnyway} />
      <ExpiryField provider={provider} />
      <UntestedField />
      <SubmitButton busy="Testing and adding…">Add credential</SubmitButton>
    </ActionForm>
  );
}

/** Fills in what was pasted with the clone address a page earlier. */
function HandedSecret({ repository }: { repository: string }) {
  const { form } = useActionForm();
  const notice = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    const taken = takeHandedSecret(repository);
    if (!taken || !notice.current) return;
    form.setValue("password", taken.secret);
    if (taken.username) form.setValue("username", taken.username);
    notice.current.textContent = "The sign-in from the clone address is filled in. Store it to keep it.";
  }, [form, repository]);
  return <p ref={notice} role="status" className="text-sm text-muted empty:hidden" />;
}
