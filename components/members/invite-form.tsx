"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { Copyable } from "@/components/ui/copyable";
import { Notice } from "@/components/ui/notice";
import { SelectField } from "@/components/ui/select-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { inviteForm } from "@/lib/contract/members";
import { roleOptions } from "./role-options";

interface InviteFormProps {
  action: FormAction<{ email: string; link: string }>;
  /** Whether the one who invites is an owner. */
  owner: boolean;
}

export function InviteForm({ action, owner }: InviteFormProps) {
  return (
    <ActionForm
      action={action}
      schema={inviteForm}
      values={{ role: "viewer" }}
      label="Invite somebody"
      className="max-w-xl space-y-5"
      done={({ email, link }) => (
        <Notice tone="ok">
          <p>Send this link to {email}. It works once, for seven days, and is not shown again.</p>
          <div className="mt-2">
            <Copyable text={link} what="the invitation link" />
          </div>
        </Notice>
      )}
    >
      <TextField name="email" label="E-mail address" type="email" />
      <SelectField name="role" label="Role" options={roleOptions({ owner })} />
      <SubmitButton busy="Making a link…">Make an invitation link</SubmitButton>
    </ActionForm>
  );
}
