import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";

/** Ends an invitation's link. Throws `not_found` for one that was accepted, withdrawn or never was. */
export async function withdrawInvitation(ctx: Context, input: { id: string }): Promise<void> {
  requirePermission(ctx.actor, "member:write");
  const where = { id: input.id, organizationId: ctx.actor.organizationId, acceptedAt: null };
  await ctx.db.$transaction(async (tx) => {
    const invitation = await tx.invitation.findFirst({ where, select: { email: true } });
    const { count } = await tx.invitation.deleteMany({ where });
    if (!invitation || count === 0) throw new DomainError("not_found", "This invitation is no longer open.");
    await recordAudit(tx, ctx, {
      action: "member.invitation_withdrawn",
      targetId: input.id,
      details: { email: invitation.email },
    });
  });
}
