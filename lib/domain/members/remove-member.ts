import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { actorNow } from "./actor-now";
import { findMember } from "./find-member";
import { lockMembers, requireAnotherOwner } from "./lock-members";
import { requireOwnerFor } from "./owner-rule";
import { withdrawInvitationsOf } from "./withdraw-invitations-of";

/**
 * Takes a member out of the organization: their next request is refused, and their open invitations are withdrawn. Throws
 * as `changeRole` does.
 */
export async function removeMember(ctx: Context, input: { userId: string }): Promise<void> {
  requirePermission(ctx.actor, "member:write");
  const { organizationId } = ctx.actor;
  const { userId } = input;
  await ctx.db.$transaction(async (tx) => {
    await lockMembers(tx, organizationId);
    const actor = await actorNow(tx, ctx.actor);
    requirePermission(actor, "member:write");
    const member = await findMember(tx, organizationId, userId);
    requireOwnerFor(actor, member.role);
    if (member.role === "owner") await requireAnotherOwner(tx, organizationId, userId);
    await tx.membership.delete({ where: { organizationId_userId: { organizationId, userId } } });
    await recordAudit(tx, ctx, { action: "member.removed", targetId: userId, details: { email: member.email } });
    await withdrawInvitationsOf(tx, ctx, { userId });
  });
}
