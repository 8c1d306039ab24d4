import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";

/**
 * Ends a rotation before its time: what has the new secret keeps it, what waits keeps the old one, and the new secret is
 * erased. Throws `not_found` for one that is unknown or at its end, and `conflict` for one that brings a renewed token:
 * the old one has ended.
 */
export async function cancelRotation(ctx: Context, { id }: { id: string }): Promise<{ id: string }> {
  requirePermission(ctx.actor, "credential:write");
  await ctx.db.$transaction(async (tx) => {
    if ((await tx.renewal.count({ where: { id, organizationId: ctx.actor.organizationId } })) > 0) {
      throw new DomainError(
        "conflict",
        "The host has ended the old token already, so the new one must be put in place.",
      );
    }
    const [rotation] = await tx.rotation.updateManyAndReturn({
      where: { id, organizationId: ctx.actor.organizationId, finishedAt: null, cancelledAt: null },
      data: { cancelledAt: ctx.clock(), masterKeyId: null, sealed: null },
      select: { host: true },
    });
    if (!rotation) throw new DomainError("not_found", "There is no such rotation that still runs.");
    await recordAudit(tx, ctx, { action: "rotation.cancelled", targetId: id, details: { host: rotation.host } });
  });
  return { id };
}
