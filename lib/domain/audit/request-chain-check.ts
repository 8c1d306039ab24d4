import { sqltag as sql } from "@prisma/client/runtime/client";
import { requirePermission } from "../access/permissions";
import type { Context, Transaction } from "../context";

/** What the worker is told. */
export interface ChainCheckJob {
  organizationId: string;
}

const EVERY_MS = 24 * 60 * 60 * 1000;
/** One that was asked for is not asked for again so soon. */
const PATIENCE_MS = 60 * 60 * 1000;
const AT_ONCE = 100;

/** Has the worker check the organization's chain now. */
export async function requestChainCheck(ctx: Context): Promise<void> {
  requirePermission(ctx.actor, "audit:read");
  await ctx.db.$transaction((tx) => enqueue(tx, [ctx.actor.organizationId], ctx.clock()));
}

/** Has the worker check the chains that were not checked for a day. */
export async function scheduleChainChecks({ db, clock }: Pick<Context, "db" | "clock">): Promise<void> {
  const now = clock();
  const checkedBefore = new Date(now.getTime() - EVERY_MS);
  const requestedBefore = new Date(now.getTime() - PATIENCE_MS);
  await db.$transaction(async (tx) => {
    const due = await tx.$queryRaw<{ id: string }[]>(sql`
      SELECT o.id FROM organization o LEFT JOIN audit_check c ON c.organization_id = o.id
      WHERE (c.checked_at IS NULL OR c.checked_at < ${checkedBefore}::timestamptz)
        AND (c.requested_at IS NULL OR c.requested_at < ${requestedBefore}::timestamptz)
      ORDER BY o.id LIMIT ${AT_ONCE}`);
    await enqueue(
      tx,
      due.map(({ id }) => id),
      now,
    );
  });
}

/** One after the other, so that long chains leave the other jobs their slots; asked for twice is once. */
async function enqueue(tx: Transaction, organizationIds: string[], now: Date): Promise<void> {
  if (organizationIds.length === 0) return;
  await tx.$queryRaw(sql`
    WITH asked AS (
      INSERT INTO audit_check (organization_id, requested_at)
      SELECT id, ${now}::timestamptz FROM unnest(${organizationIds}::text[]) AS id
      ON CONFLICT (organization_id) DO UPDATE SET requested_at = EXCLUDED.requested_at
      RETURNING organization_id AS id
    )
    SELECT (graphile_worker.add_job(
      'check_audit', json_build_object('organizationId', id), queue_name := 'check_audit',
      job_key := 'check_audit:' || id, max_attempts := 3
    )).id::text FROM asked`);
}
