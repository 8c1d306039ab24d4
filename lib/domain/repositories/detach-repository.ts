import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { findRepository } from "./find-repository";

/**
 * Cuts a repository off its upstream and erases its credential in the same transaction. Detaching what is detached
 * changes nothing. Throws as `findRepository` does.
 */
export async function detachRepository(ctx: Context, input: { repository: string }): Promise<void> {
  requirePermission(ctx.actor, "repository:pull");
  const { id, name } = await findRepository(ctx, input.repository);
  await ctx.db.$transaction(async (tx) => {
    // The repository's lock holds off a credential that is being created meanwhile.
    await tx.$queryRaw`SELECT id FROM repository WHERE id = ${id} FOR UPDATE`;
    const { count } = await tx.upstream.deleteMany({ where: { repositoryId: id } });
    if (count === 0) return;
    const removed = await tx.gitCredential.deleteMany({ where: { repositoryId: id } });
    await tx.repository.update({ where: { id }, data: { nextPullAt: null, pausedAt: null, refusals: 0 } });
    await recordAudit(tx, ctx, {
      action: "repository.detached",
      targetId: id,
      details: { name, credential_removed: removed.count > 0 },
    });
  });
}
