"use client";

import { useState } from "react";
import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { buttonStyle } from "@/components/ui/button-style";
import { useActionForm } from "@/components/ui/form-context";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextAreaField } from "@/components/ui/text-area-field";
import { TextField } from "@/components/ui/text-field";
import { addSigningKeyForm } from "@/lib/contract/signing-keys";
import { downloadText } from "./download-text";
import { makeKeyPair } from "./key-pair";

export function AddSigningKey({ action }: { action: FormAction<{ id: string }> }) {
  return (
    <ActionForm action={action} schema={addSigningKeyForm} label="Add a key" className="max-w-xl space-y-5">
      <TextField name="name" label="Name" hint="Where the private half lives: ci, laptop-ada." />
      <MakePair />
      <TextAreaField
        name="publicKeyPem"
        label="Public key"
        rows={6}
        placeholder="-----BEGIN PUBLIC KEY-----"
        hint="PEM: P-256, Ed25519, or RSA of at least 2048 bits. Never the private half."
      />
      <SubmitButton busy="Adding…">Add key</SubmitButton>
    </ActionForm>
  );
}

/** Makes a pair here in the browser: the private half is downloaded and goes nowhere else. */
function MakePair() {
  const { form } = useActionForm();
  const [made, setMade] = useState(false);
  async function make() {
    const { publicKeyPem, privateKeyPem } = await makeKeyPair();
    form.setValue("publicKeyPem", publicKeyPem);
    const name = (form.getValues("name") || "latchkey").replace(/[^A-Za-z0-9._-]/g, "-");
    downloadText(`${name}.private-key.pem`, privateKeyPem);
    setMade(true);
  }
  return (
    <div className="scripted space-y-3">
      <button type="button" onClick={() => void make()} className={buttonStyle("secondary")}>
        Make a pair in this browser
      </button>
      <div role="status" className="empty:hidden">
        {made && (
          <Notice tone="info">
            The private half was downloaded and was not sent. Keep the file safe: it is not kept here. The public half
            stands below; add it.
          </Notice>
        )}
      </div>
    </div>
  );
}
