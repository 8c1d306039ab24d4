import { sqltag as sql } from "@prisma/client/runtime/client";
import { actorName } from "../access/actor";
import { requirePermission } from "../access/permissions";
import { requireWholeOrganization } from "../access/require-whole-organization";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { findCredential } from "../credentials/find-credential";
import { newId } from "../new-id";
import { rotationBinding } from "./rotation-binding";

/**
 * Begins to put one new secret in the place of the one that this credential shares with others of its organization: a
 * job of the worker's tests it at each repository and keeps the old one where it does not pass. Throws `not_found`.
 */
export async function requestRotation(
  ctx: Context,
  input: { id: string; password: string },
): Promise<{ id: string; total: number }> {
  requirePermission(ctx.actor, "credential:write");
  requireWholeOrganization(ctx.actor);
  const { upstream } = await findCredential(ctx, input.id);
  const { organizationId } = ctx.actor;
  const { host } = upstream;
  const id = newId("rot");
  const sealed = ctx.vault.sealText(rotationBinding({ organizationId, id, host }), input.password);
  const total = await ctx.db.$transaction(async (tx) => {
    await tx.rotation.create({
      data: { id, organizationId, host, requestedBy: actorName(ctx.actor), createdAt: ctx.clock(), ...sealed },
    });
    const count = await tx.$executeRaw(sql`
      INSERT INTO rotation_item (rotation_id, credential_id, repository_name)
      SELECT ${id}, c.id, r.name
      FROM git_credential c JOIN repository r ON r.id = c.repository_id
      WHERE r.organization_id = ${organizationId} AND r.deleted_at IS NULL AND (
        c.id = ${input.id} OR c.fingerprint = (SELECT fingerprint FROM git_credential WHERE id = ${input.id})
      )`);
    await tx.$queryRaw(sql`
      SELECT (graphile_worker.add_job(
        'rotate_matching', json_build_object('rotationId', ${id}::text), job_key := ${`rotation:${id}`}
      )).id::text`);
    await recordAudit(tx, ctx, { action: "rotation.requested", targetId: id, details: { host, repositories: count } });
    return count;
  });
  return { id, total };
}
