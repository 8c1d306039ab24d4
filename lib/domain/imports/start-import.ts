import { sqltag as sql } from "@prisma/client/runtime/client";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { requireImporter } from "./require-importer";

/** Two of all organizations are done at a time. */
export const MOST_OPEN_IMPORTS = 20;

/**
 * Begins with the lines of an import that was looked at, as a job of the worker's. Throws `not_found`, and `queue_full`
 * where the organization has begun too many that have not ended.
 */
export async function startImport(ctx: Context, { id }: { id: string }): Promise<{ id: string }> {
  requireImporter(ctx.actor);
  const { organizationId } = ctx.actor;
  await ctx.db.$transaction(async (tx) => {
    // Those that are begun at once are counted one after the other.
    await tx.$queryRaw(sql`SELECT seq FROM audit_chain WHERE organization_id = ${organizationId} FOR UPDATE`);
    const open = { organizationId, startedAt: { not: null }, finishedAt: null };
    if ((await tx.repositoryImport.count({ where: open })) >= MOST_OPEN_IMPORTS) {
      throw new DomainError(
        "queue_full",
        `This organization has ${MOST_OPEN_IMPORTS} imports that have not ended. Begin this one when one has.`,
        { retryAfter: 60 },
      );
    }
    const { count } = await tx.repositoryImport.updateMany({
      where: { id, organizationId, startedAt: null, finishedAt: null },
      data: { startedAt: ctx.clock() },
    });
    if (count === 0) {
      throw new DomainError("not_found", "There is no such import that waits. Paste the lines again.");
    }
    const lines = await tx.importItem.count({ where: { importId: id, state: "waiting" } });
    await tx.$queryRaw(sql`
      SELECT (graphile_worker.add_job(
        'run_import', json_build_object('importId', ${id}::text), job_key := ${`import:${id}`}
      )).id::text`);
    await recordAudit(tx, ctx, { action: "import.started", targetId: id, details: { lines } });
  });
  return { id };
}
