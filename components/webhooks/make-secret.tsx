"use client";

import { useState } from "react";
import { buttonStyle } from "@/components/ui/button-style";
import { Copyable } from "@/components/ui/copyable";
import { useActionForm } from "@/components/ui/form-context";
import { Notice } from "@/components/ui/notice";

const BYTES = 32;

/** Makes a secret here in the browser and puts it into its field: it is shown until the form is sent, and never again. */
export function MakeSecret() {
  const { form, pending } = useActionForm();
  const [made, setMade] = useState("");
  if (made && pending) setMade("");
  function make() {
    const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
    const secret = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    form.setValue("secret", secret);
    setMade(secret);
  }
  return (
    <div className="scripted space-y-3">
      <button type="button" onClick={make} className={buttonStyle("secondary")}>
        Make a secret in this browser
      </button>
      <div role="status" className="empty:hidden">
        {made && (
          <Notice tone="info">
            <p>Copy it to your receiver now: once the form is sent it is not shown again.</p>
            <Copyable text={made} what="the secret" />
          </Notice>
        )}
      </div>
    </div>
  );
}
