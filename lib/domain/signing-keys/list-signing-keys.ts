import { requirePermission } from "../access/permissions";
import type { Context } from "../context";

/** The organization's keys: the active ones and then the latest revoked ones, newest first, 200 at most. */
export function listSigningKeys(ctx: Context) {
  requirePermission(ctx.actor, "signing-key:read");
  return ctx.db.signingKey.findMany({
    where: { organizationId: ctx.actor.organizationId },
    orderBy: [{ revokedAt: { sort: "desc", nulls: "first" } }, { createdAt: "desc" }],
    take: 200,
    select: {
      id: true,
      name: true,
      algorithm: true,
      thumbprint: true,
      publicKeyPem: true,
      createdAt: true,
      lastUsedAt: true,
      revokedAt: true,
    },
  });
}
