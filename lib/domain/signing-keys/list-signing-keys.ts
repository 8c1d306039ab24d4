import { requirePermission } from "../access/permissions";
import type { Context } from "../context";

/** The organization's keys, newest first, active and revoked; at most 200, since nobody keeps more. */
export function listSigningKeys(ctx: Context) {
  requirePermission(ctx.actor, "signing-key:read");
  return ctx.db.signingKey.findMany({
    where: { organizationId: ctx.actor.organizationId },
    orderBy: [{ createdAt: "desc" }],
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
