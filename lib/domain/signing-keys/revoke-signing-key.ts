import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";

/** Ends a key: its tokens are refused from the next request on. Throws `not_found` for an unknown or revoked one. */
export async function revokeSigningKey(ctx: Context, input: { id: string }): Promise<void> {
  requirePermission(ctx.actor, "signing-key:write");
  await ctx.db.$transaction(async (tx) => {
    const [revoked] = await tx.signingKey.updateManyAndReturn({
      where: { id: input.id, organizationId: ctx.actor.organizationId, revokedAt: null },
      data: { revokedAt: ctx.clock() },
      select: { name: true, thumbprint: true },
    });
    if (!revoked) throw new DomainError("not_found", "There is no such active key in this organization.");
    await recordAudit(tx, ctx, { action: "signing_key.revoked", targetId: input.id, details: revoked });
  });
}
