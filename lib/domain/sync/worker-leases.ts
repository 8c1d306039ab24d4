import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context } from "../context";

/** Workers renew their leases this often. */
export const RENEW_MS = 30_000;
/** And count as dead after this long without. */
const DEAD_AFTER_MS = 2 * 60_000;

type Keeper = Pick<Context, "db" | "clock">;

/** Says that these workers are alive. */
export async function renewLeases({ db, clock }: Keeper, workerIds: readonly string[]): Promise<void> {
  const seenAt = clock();
  await db.$transaction(
    workerIds.map((workerId) =>
      db.workerLease.upsert({ where: { workerId }, create: { workerId, seenAt }, update: { seenAt } }),
    ),
  );
}

/**
 * Gives back the jobs of workers that died without letting go of them (`kill -9`, a power cut): the queue itself would
 * hold them for four hours. A job that was taken a moment ago is left alone, since its worker may be about to say that
 * it lives.
 */
export async function releaseDeadWorkers({ db, clock }: Keeper): Promise<void> {
  const before = new Date(clock().getTime() - DEAD_AFTER_MS);
  await db.workerLease.deleteMany({ where: { seenAt: { lt: before } } });
  await db.$queryRaw(sql`
    SELECT graphile_worker.force_unlock_workers(ARRAY(
      SELECT DISTINCT locked_by FROM graphile_worker.jobs
      WHERE locked_at < ${before}::timestamptz
        AND locked_by NOT IN (SELECT worker_id FROM worker_lease)
    ))::text`);
}
