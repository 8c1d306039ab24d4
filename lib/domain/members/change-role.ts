import type { Role } from "@/lib/platform/prisma-client/enums";
import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { actorNow } from "./actor-now";
import { findMember } from "./find-member";
import { lockMembers, requireAnotherOwner } from "./lock-members";
import { requireOwnerFor } from "./owner-rule";
import { withdrawInvitationsOf } from "./withdraw-invitations-of";

/**
 * Gives a member another role, from their next request on; open invitations of theirs to more than that are withdrawn.
 * Throws `not_found`, `forbidden`, or `conflict` for the last owner.
 */
export async function changeRole(ctx: Context, input: { userId: string; role: Role }): Promise<void> {
  requirePermission(ctx.actor, "member:write");
  const { organizationId } = ctx.actor;
  const { userId, role } = input;
  await ctx.db.$transaction(async (tx) => {
    await lockMembers(tx, organizationId);
    const actor = await actorNow(tx, ctx.actor);
    requirePermission(actor, "member:write");
    const member = await findMember(tx, organizationId, userId);
    requireOwnerFor(actor, member.role, role);
    if (member.role === role) return;
    if (member.role === "owner") await requireAnotherOwner(tx, organizationId, userId);
    await tx.membership.update({ where: { organizationId_userId: { organizationId, userId } }, data: { role } });
    await recordAudit(tx, ctx, {
      action: "member.role_changed",
      targetId: userId,
      details: { email: member.email, from: member.role, to: role },
    });
    await withdrawInvitationsOf(tx, ctx, { userId, newRole: role });
  });
}
