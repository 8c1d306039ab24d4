import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { newId } from "../new-id";
import { parsePublicKey } from "./parse-public-key";

/** A token is tried against each of them, so there cannot be many. */
export const MAX_ACTIVE_KEYS = 20;

/**
 * Stores a public key whose tokens the organization accepts from now on. Throws as `parsePublicKey` does, and
 * `conflict` where the organization has, or had and revoked, the same key, or has as many as it can have.
 */
export async function addSigningKey(
  ctx: Context,
  input: { name: string; publicKeyPem: string },
): Promise<{ id: string }> {
  requirePermission(ctx.actor, "signing-key:write");
  const key = await parsePublicKey(input.publicKeyPem);
  const id = newId("key");
  await ctx.db.$transaction(async (tx) => {
    // Keys that are added at once are counted one after the other.
    await tx.$queryRaw`SELECT seq FROM audit_chain WHERE organization_id = ${ctx.actor.organizationId} FOR UPDATE`;
    const active = await tx.signingKey.count({
      where: { organizationId: ctx.actor.organizationId, revokedAt: null },
    });
    if (active >= MAX_ACTIVE_KEYS) {
      throw new DomainError(
        "conflict",
        `An organization has at most ${MAX_ACTIVE_KEYS} active keys. Revoke one that is not used any more.`,
      );
    }
    const { count } = await tx.signingKey.createMany({
      data: { id, organizationId: ctx.actor.organizationId, name: input.name, ...key, createdAt: ctx.clock() },
      skipDuplicates: true,
    });
    if (count === 0) {
      const message = "This organization has, or once revoked, this very key. Use another one.";
      throw new DomainError("conflict", message, { fields: { publicKeyPem: message } });
    }
    await recordAudit(tx, ctx, {
      action: "signing_key.added",
      targetId: id,
      details: { name: input.name, algorithm: key.algorithm, thumbprint: key.thumbprint },
    });
  });
  return { id };
}
