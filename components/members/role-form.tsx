"use client";

import { ActionForm, type FormAction } from "@/components/ui/action-form";
import { SelectField } from "@/components/ui/select-field";
import { SubmitButton } from "@/components/ui/submit-button";
import { changeRoleForm, type MemberRow } from "@/lib/contract/members";
import { roleOptions } from "./role-options";

interface RoleFormProps {
  action: FormAction<void>;
  member: Pick<MemberRow, "userId" | "email" | "role">;
  /** Whether the one who chooses is an owner. */
  owner: boolean;
}

/** A member's role, to be changed in its row. */
export function RoleForm({ action, member, owner }: RoleFormProps) {
  return (
    <ActionForm
      action={action}
      schema={changeRoleForm}
      hidden={{ userId: member.userId }}
      values={{ role: member.role }}
      label={`Change the role of ${member.email}`}
      className="flex items-end gap-2"
    >
      <SelectField name="role" label={`Role of ${member.email}`} labelHidden options={roleOptions({ owner })} />
      <SubmitButton variant="secondary" busy="Changing…">
        Change
      </SubmitButton>
    </ActionForm>
  );
}
