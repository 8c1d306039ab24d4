"use client";

import { Eye, EyeOff } from "lucide-react";
import { useState, type ClipboardEvent, type ReactNode } from "react";
import { controlStyle } from "./control-style";
import { FieldFrame } from "./field-frame";
import { useActionForm, useFormField } from "./form-context";

interface SecretFieldProps {
  name: string;
  label: string;
  hint?: ReactNode;
  autoComplete?: "new-password" | "current-password";
  autoFocus?: boolean;
}

/** A secret as it is typed: hidden unless asked for, and pasted blanks and line ends are dropped and spoken of. */
export function SecretField({ name, label, hint, autoComplete = "new-password", autoFocus }: SecretFieldProps) {
  const { id, error, control } = useFormField(name);
  const { form } = useActionForm();
  const [shown, setShown] = useState(false);
  const [notice, setNotice] = useState("");

  function paste(event: ClipboardEvent<HTMLInputElement>) {
    const text = event.clipboardData.getData("text");
    const clean = text.trim();
    if (clean === text) return setNotice("");
    event.preventDefault();
    const { selectionStart, selectionEnd, value } = event.currentTarget;
    const joined = value.slice(0, selectionStart ?? 0) + clean + value.slice(selectionEnd ?? value.length);
    form.setValue(name, joined, { shouldDirty: true });
    setNotice("Blanks or line ends around what you pasted were left out.");
  }

  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <div className="relative">
        <input
          {...control}
          defaultValue=""
          type={shown ? "text" : "password"}
          autoComplete={autoComplete}
          autoCapitalize="none"
          spellCheck={false}
          onPaste={paste}

          autoFocus={autoFocus}
          className={controlStyle("pr-11 font-mono")}
        />
        <button
          type="button"
          onClick={() => setShown(!shown)}
          aria-pressed={shown}
          aria-label="Show what is typed"
          className="scripted absolute inset-y-0 right-0 flex w-10 items-center justify-center rounded-md text-muted hover:text-text"
        >
          {shown ? <EyeOff aria-hidden className="size-4" /> : <Eye aria-hidden className="size-4" />}
        </button>
      </div>
      <p role="status" className="mt-1.5 text-sm text-warn empty:hidden">
        {notice}
      </p>
    </FieldFrame>
  );
}
