"use client";

import { useRef } from "react";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { FileField } from "@/components/ui/file-field";
import { SelectField } from "@/components/ui/select-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextAreaField } from "@/components/ui/text-area-field";
import { importLinesForm, MAX_IMPORT_BYTES, OTHER_HOSTS } from "@/lib/contract/imports";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";

const EXAMPLE = `https://gitlab.com/acme/app.git, oauth2, glpat-…
https://codeberg.org/acme/site.git, ada, …, web/site`;

/** Lines or a file, to be looked at before anything is made of them. */
export function ImportLinesForm({ action }: { action: FormAction<{ id: string }> }) {
  const file = useRef<HTMLInputElement>(null);
  return (
    <ActionForm
      action={action}
      schema={importLinesForm}
      values={{ provider: "" }}
      secrets={["lines"]}
      hold={() => {
        const size = file.current?.files?.[0]?.size ?? 0;
        return size > MAX_IMPORT_BYTES
          ? { file: "This file is larger than one import takes (512 KiB). Split it." }
          : null;
      }}
      onSend={() => {
        if (file.current) file.current.value = "";
      }}
      label="Import"
      className="space-y-5"
    >
      <TextAreaField
        name="lines"
        label="Lines"
        rows={8}
        placeholder={EXAMPLE}
        hint="Clone address, username, secret, and a name where it is to differ. Quote a value that holds a comma."
      />
      <FileField ref={file} name="file" label="Or a CSV file" accept=".csv,.txt,.tsv,text/csv,text/plain" />
      <SelectField
        name="provider"
        label="Other hosts run"
        hint="For hosts whose name does not tell their software, such as git.example.com."
        options={[
          { value: "", label: "There are none" },
          ...OTHER_HOSTS.map((value) => ({ value, label: PROVIDER_FACTS[value].label })),
        ]}
      />
      <SubmitButton busy="Reading…">Preview</SubmitButton>
    </ActionForm>
  );
}
