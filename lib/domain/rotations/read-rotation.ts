import type { RotationCounts, RotationItemRow, RotationRow, RotationItemState } from "@/lib/contract/rotations";
import { requirePermission } from "../access/permissions";
import { requireWholeOrganization } from "../access/require-whole-organization";
import type { Context } from "../context";
import { DomainError } from "../errors";

export interface RotationView extends RotationRow {
  items: RotationItemRow[];
}

/** A rotation and one numbered page of its repositories, what did not go through first. Throws `not_found`. */
export async function readRotation(
  ctx: Context,
  { id, page, pageSize }: { id: string; page: number; pageSize: number },
): Promise<RotationView> {
  requirePermission(ctx.actor, "credential:read");
  requireWholeOrganization(ctx.actor);
  const where = { id, organizationId: ctx.actor.organizationId };
  const [rotation, groups, items] = await Promise.all([
    ctx.db.rotation.findFirst({
      where,
      select: { id: true, host: true, requestedBy: true, createdAt: true, finishedAt: true, cancelledAt: true },
    }),
    ctx.db.rotationItem.groupBy({ by: ["state"], where: { rotationId: id, rotation: where }, _count: true }),
    ctx.db.rotationItem.findMany({
      where: { rotationId: id, rotation: where },
      orderBy: [{ state: "desc" }, { repositoryName: "asc" }],
      skip: (page - 1) * pageSize,
      take: pageSize,
      select: { credentialId: true, repositoryName: true, state: true, outcome: true, code: true, at: true },
    }),
  ]);
  if (!rotation) throw new DomainError("not_found", "There is no such rotation in this organization.");
  const none: RotationCounts = { waiting: 0, rotated: 0, kept: 0, failed: 0, cancelled: 0 };
  const counts = groups.reduce(
    (all, { state, _count }) => ({ ...all, [state satisfies RotationItemState]: _count }),
    none,
  );
  return { ...rotation, counts, items };
}

/** How many other repositories of the organization use the same token on the same host. */
export async function countSharing(ctx: Context, credentialId: string): Promise<number> {
  requirePermission(ctx.actor, "credential:read");
  const { organizationId } = ctx.actor;
  const own = await ctx.db.gitCredential.findFirst({
    where: { id: credentialId, repository: { organizationId, deletedAt: null } },
    select: { fingerprint: true },
  });
  if (!own?.fingerprint) return 0;
  return ctx.db.gitCredential.count({
    where: { fingerprint: own.fingerprint, id: { not: credentialId }, repository: { organizationId, deletedAt: null } },
  });
}
