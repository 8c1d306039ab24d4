import { sqltag as sql } from "@prisma/client/runtime/client";
import { RENEWAL_ACTOR } from "@/lib/contract/renewals";
import { actorName, wishingUser } from "../access/actor";
import { requirePermission } from "../access/permissions";
import { requireWholeOrganization } from "../access/require-whole-organization";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { findCredential } from "../credentials/find-credential";
import { fingerprintOf } from "../credentials/fingerprint";
import { DomainError } from "../errors";
import { newId } from "../new-id";
import { rotationBinding } from "./rotation-binding";
import { startRotation } from "./start-rotation";

/** Each is a row and a test for every credential that shares the token. */
export const MOST_OPEN_ROTATIONS = 20;

/**
 * Begins to put one new secret in the place of the one that this credential shares with others of its organization: a
 * job of the worker's tests it at each repository and keeps the old one where it does not pass. Throws `not_found`,
 * `conflict` where it is not known which others share it, and `queue_full` where the organization has too many that
 * somebody asked for and that have not ended.
 */
export async function requestRotation(
  ctx: Context,
  input: { id: string; password: string },
): Promise<{ id: string; total: number }> {
  requirePermission(ctx.actor, "credential:write");
  requireWholeOrganization(ctx.actor);
  const { upstream, fingerprint } = await findCredential(ctx, input.id);
  const { organizationId } = ctx.actor;
  const { host } = upstream;
  const unknown = { fingerprint: null, repository: { organizationId, deletedAt: null, upstream: { host } } };
  const isKnown = fingerprint !== null && (await fingerprintOf(ctx, host, input.password)) !== null;
  if (!isKnown || (await ctx.db.gitCredential.count({ where: unknown, take: 1 })) > 0) {
    throw new DomainError(
      "conflict",
      "Which repositories share this token is not known, since the key that tells them did not open for some. Rotate each by itself.",
    );
  }
  const id = newId("rot");
  const sealed = ctx.vault.sealText(rotationBinding({ organizationId, id, host }), input.password);
  const total = await ctx.db.$transaction(async (tx) => {
    // Those that are asked for at once are counted one after the other.
    await tx.$queryRaw`SELECT seq FROM audit_chain WHERE organization_id = ${organizationId} FOR UPDATE`;
    const open = { organizationId, finishedAt: null, requestedBy: { not: RENEWAL_ACTOR } };
    if ((await tx.rotation.count({ where: open })) >= MOST_OPEN_ROTATIONS) {
      throw new DomainError(
        "queue_full",
        `This organization has ${MOST_OPEN_ROTATIONS} rotations that have not ended. Try again when one has.`,
        { retryAfter: 60 },
      );
    }
    const count = await startRotation(tx, {
      id,
      organizationId,
      host,
      requestedBy: actorName(ctx.actor),
      requestedByUserId: wishingUser(ctx.actor),
      createdAt: ctx.clock(),
      sealed,
      which: sql`c.id = ${input.id} OR c.fingerprint = (SELECT fingerprint FROM git_credential WHERE id = ${input.id})`,
    });
    await recordAudit(tx, ctx, { action: "rotation.requested", targetId: id, details: { host, repositories: count } });
    return count;
  });
  return { id, total };
}
