"use server";

import { changeRoleForm, inviteForm, removeMemberForm, withdrawInvitationForm } from "@/lib/contract/members";
import { invitePath, membersPath } from "@/lib/contract/paths";
import { changeRole } from "@/lib/domain/members/change-role";
import { inviteMember } from "@/lib/domain/members/invite-member";
import { removeMember } from "@/lib/domain/members/remove-member";
import { withdrawInvitation } from "@/lib/domain/members/withdraw-invitation";
import { env } from "@/lib/platform/env";
import { memberAction } from "@/lib/platform/session/member-action";

export const invite = memberAction({
  permission: "member:write",
  input: inviteForm,
  run: async (ctx, input) => {
    const { token } = await inviteMember(ctx, input);
    return { email: input.email, link: `${env().LATCHKEY_URL}${invitePath(token)}` };
  },
});

export const changeMemberRole = memberAction({
  permission: "member:write",
  input: changeRoleForm,
  run: changeRole,
  redirectTo: (_, org) => `${membersPath(org)}?done=role`,
});

export const removeThisMember = memberAction({
  permission: "member:write",
  input: removeMemberForm,
  run: removeMember,
  redirectTo: (_, org) => `${membersPath(org)}?done=removed`,
});

export const withdraw = memberAction({
  permission: "member:write",
  input: withdrawInvitationForm,
  run: withdrawInvitation,
  redirectTo: (_, org) => `${membersPath(org)}?done=withdrawn`,
});
