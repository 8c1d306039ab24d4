import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { enqueueMirrorRemoval } from "../sync/enqueue-pull";
import { findRepository } from "./find-repository";

/**
 * Deletes a repository, erases its credential and secrets, and frees its name, all in one transaction.
 * Throws `repository_deleted` for one that was deleted before, `not_found` for one that never was.
 */
export async function deleteRepository(ctx: Context, input: { repository: string }): Promise<{ id: string }> {
  requirePermission(ctx.actor, "repository:write");
  const found = await findRepository(ctx, input.repository).catch(async (error: unknown) => {
    if (!(error instanceof DomainError && error.code === "not_found")) throw error;
    const before = await ctx.db.repository.findFirst({
      where: {
        organizationId: ctx.actor.organizationId,
        deletedAt: { not: null },
        OR: [{ id: input.repository }, { name: input.repository }],
      },
      select: { id: true },
    });
    throw before ? alreadyDeleted() : error;
  });
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.repository.updateMany({
      where: { id: found.id, organizationId: ctx.actor.organizationId, deletedAt: null },
      data: { deletedAt: ctx.clock(), liveName: null },
    });
    if (count === 0) throw alreadyDeleted();
    const removed = await tx.gitCredential.deleteMany({ where: { repositoryId: found.id } });
    await enqueueMirrorRemoval(tx, found.id);
    await recordAudit(tx, ctx, {
      action: "repository.deleted",
      targetId: found.id,
      details: { name: found.name, credential_removed: removed.count > 0 },
    });
  });
  return { id: found.id };
}

function alreadyDeleted(): DomainError {
  return new DomainError("repository_deleted", "This repository was already deleted.");
}
