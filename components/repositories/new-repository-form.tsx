"use client";

import { useState, type ChangeEvent } from "react";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { controlStyle } from "@/components/ui/control-style";
import { FieldFrame } from "@/components/ui/field-frame";
import { useActionForm } from "@/components/ui/form-context";
import { SelectField } from "@/components/ui/select-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { parseCloneUrl } from "@/lib/contract/clone-url";
import { handSecret } from "@/components/credentials/handed-secret";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import { DEFAULT_HOSTS, PROVIDERS, type ProviderName } from "@/lib/contract/providers";
import { createRepositoryForm } from "@/lib/contract/repositories";

interface PastedSignIn {
  username: string | null;
  secret: string;
}

export function NewRepositoryForm({ action }: { action: FormAction<{ name: string; needsCredential: boolean }> }) {
  const [signIn, setSignIn] = useState<PastedSignIn>();
  return (
    <ActionForm
      action={action}
      schema={createRepositoryForm}
      values={{ provider: "gitlab", host: DEFAULT_HOSTS.gitlab!, defaultBranch: "main" }}
      onSend={({ name }) => signIn && handSecret({ repository: name!, ...signIn })}
      label="New repository"
      className="space-y-5"
    >
      <CloneUrlField onSignIn={setSignIn} />
      <ProviderField />
      <TextField name="host" label="Host" mono hint="With a port where it is not 443: git.example.com:8443." />
      <TextField
        name="owner"
        label="Owner"
        mono
        hint="The user, group or workspace. GitLab groups nest: group/subgroup."
      />
      <TextField name="upstreamName" label="Repository on the host" mono />
      <TextField
        name="name"
        label="Name here"
        mono
        hint="How your scripts call it. Letters, digits, dots, underscores, hyphens and slashes."
      />
      <TextField name="defaultBranch" label="Default branch" mono />
      <SubmitButton busy="Creating…">Create repository</SubmitButton>
    </ActionForm>
  );
}

/** The provider; choosing one fills in its own host, unless another was typed. */
function ProviderField() {
  const { form } = useActionForm();
  const ownHosts: string[] = Object.values(DEFAULT_HOSTS);
  return (
    <SelectField
      name="provider"
      label="Provider"
      options={PROVIDERS.map((value) => ({ value, label: PROVIDER_FACTS[value].label }))}
      onChoice={(provider) => {
        const typed = form.getValues("host") ?? "";
        if (typed === "" || ownHosts.includes(typed)) {
          form.setValue("host", DEFAULT_HOSTS[provider as ProviderName] ?? "");
        }
      }}
    />
  );
}

/**
 * Where a clone address is pasted. It has no name, so it is never sent: it is taken apart here, and a secret in it goes
 * to the credential form alone, in memory.
 */
function CloneUrlField({ onSignIn }: { onSignIn: (signIn: PastedSignIn | undefined) => void }) {
  const { form, idPrefix } = useActionForm();
  const [notice, setNotice] = useState("");
  const id = `${idPrefix}-clone-url`;

  function read(event: ChangeEvent<HTMLInputElement>) {
    const { value } = event.currentTarget;
    const parsed = parseCloneUrl(value);
    onSignIn(undefined);
    if (!parsed) return setNotice(value.trim() ? "This is not a clone address yet: a host, an owner and a name." : "");
    const fields = {
      ...(parsed.provider && { provider: parsed.provider }),
      host: parsed.host,
      owner: parsed.owner,
      upstreamName: parsed.name,
      name: parsed.name,
    };
    for (const [name, text] of Object.entries(fields))
      form.setValue(name, text, { shouldValidate: form.formState.isSubmitted });
    if (!parsed.secret)
      return setNotice(parsed.provider ? "" : "Choose the provider: the host alone does not tell it.");
    onSignIn({ username: parsed.username, secret: parsed.secret });
    event.currentTarget.value = `https://${parsed.host}/${parsed.owner}/${parsed.name}`;
    setNotice("The address held a secret. It was taken out, and waits in the credential form on the next page.");
  }

  return (
    <div className="scripted">
      <FieldFrame
        id={id}
        label="Clone address"
        hint={<span role="status">{notice || "Paste it, and the fields below fill themselves."}</span>}
      >
        <input
          id={id}
          onChange={read}
          type="text"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          placeholder="https://gitlab.com/acme/app.git"
          aria-describedby={`${id}-hint`}
          className={controlStyle("font-mono")}
        />
      </FieldFrame>
    </div>
  );
}
