import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { eraseWaiting } from "./erase-waiting";
import { requireImporter } from "./require-importer";

/**
 * Ends an import before its time, begun or not: what was made stays, and the sign-ins of the lines that wait are erased.
 * Throws `not_found` for one that is unknown or at its end.
 */
export async function cancelImport(ctx: Context, { id }: { id: string }): Promise<{ id: string }> {
  requireImporter(ctx.actor);
  const { organizationId } = ctx.actor;
  const now = ctx.clock();
  await ctx.db.$transaction(async (tx) => {
    const [cancelled] = await tx.repositoryImport.updateManyAndReturn({
      where: { id, organizationId, finishedAt: null, cancelledAt: null },
      data: { cancelledAt: now },
      select: { startedAt: true },
    });
    if (!cancelled) throw new DomainError("not_found", "There is no such import that waits or runs.");
    const lines = await eraseWaiting(tx, id);
    if (!cancelled.startedAt) await tx.repositoryImport.update({ where: { id }, data: { finishedAt: now } });
    await recordAudit(tx, ctx, { action: "import.cancelled", targetId: id, details: { lines } });
  });
  return { id };
}
