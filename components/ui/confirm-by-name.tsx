"use client";

import { useEffect, useRef } from "react";
import Link from "next/link";
import { z } from "zod";
import { ActionForm, type FormAction } from "./action-form";
import { buttonStyle } from "./button-style";
import { SubmitButton } from "./submit-button";
import { TextField } from "./text-field";

interface ConfirmByNameProps<O> {
  action: FormAction<O>;
  /** The page without the question. */
  cancel: string;
  name: string;
  /** What the name is: "the repository's name". */
  what: string;
  hidden: Record<string, string>;
  label: string;
  verb: string;
  busy: string;
}

/** The question before something is destroyed: its name is typed, and focus starts on Cancel. */
export function ConfirmByName<O>({ action, cancel, name, what, hidden, label, verb, busy }: ConfirmByNameProps<O>) {
  const away = useRef<HTMLAnchorElement>(null);
  useEffect(() => away.current?.focus(), []);
  const confirmation = z.object({
    confirm: z
      .string()
      .trim()
      .refine((typed) => typed === name, `Type the name exactly: ${name}`),
  });
  return (
    <ActionForm action={action} schema={confirmation} hidden={hidden} label={label} className="mt-5 max-w-md space-y-4">
      <TextField
        name="confirm"
        label={`Type ${what} to confirm`}
        mono
        hint={<code className="font-mono">{name}</code>}
      />
      <div className="flex flex-wrap gap-2">
        <Link ref={away} href={cancel} scroll={false} className={buttonStyle("secondary")}>
          Cancel
        </Link>
        <SubmitButton variant="danger" busy={busy}>
          {verb}
        </SubmitButton>
      </div>
    </ActionForm>
  );
}
