import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";

/**
 * Says whether the organization's members need a second factor, from their next request on. Throws `forbidden` to all but
 * owners, and `conflict` to an owner who would be locked out by it: who signs in with a password alone turns on their own
 * first.
 */
export async function requireSecondFactor(ctx: Context, input: { required: boolean }): Promise<void> {
  requirePermission(ctx.actor, "sign-in-rule:write");
  const { required } = input;
  const { organizationId } = ctx.actor;
  if (required && ctx.actor.kind === "member") await requireOwnSecondFactor(ctx, ctx.actor.userId);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.organization.updateMany({
      where: { id: organizationId, secondFactorRequired: !required },
      data: { secondFactorRequired: required },
    });
    if (count === 0) return;
    await recordAudit(tx, ctx, {
      action: "organization.second_factor_rule_changed",
      targetId: organizationId,
      details: { slug: ctx.actor.organizationSlug, required },
    });
  });
}

async function requireOwnSecondFactor(ctx: Context, userId: string): Promise<void> {
  const able = await ctx.db.user.findFirst({
    where: { id: userId, OR: [{ secondFactor: { confirmedAt: { not: null } } }, { passwordHash: null }] },
    select: { id: true },
  });
  if (able) return;
  throw new DomainError("conflict", "Turn on your own second factor first, on your account's page.");
}
