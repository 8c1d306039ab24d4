import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";

/**
 * Sets for how many days a replaced secret is kept, sealed, to go back to; 0 keeps none from the next rotation on. What
 * is kept already keeps its time.
 */
export async function keepPreviousFor(ctx: Context, { days }: { days: number }): Promise<void> {
  requirePermission(ctx.actor, "organization:write");
  const { organizationId } = ctx.actor;
  await ctx.db.$transaction(async (tx) => {
    await tx.organization.update({ where: { id: organizationId }, data: { keepDays: days } });
    await recordAudit(tx, ctx, {
      action: "organization.keep_days_changed",
      targetId: organizationId,
      details: { days },
    });
  });
}

/** For how many days a replaced secret is kept. */
export async function readKeepDays(ctx: Context): Promise<number> {
  requirePermission(ctx.actor, "repository:list");
  const { keepDays } = await ctx.db.organization.findUniqueOrThrow({
    where: { id: ctx.actor.organizationId },
    select: { keepDays: true },
  });
  return keepDays;
}
