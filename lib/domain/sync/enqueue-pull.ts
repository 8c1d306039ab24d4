import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";

/** What the worker is told of a pull; everything else it reads when it begins. */
export interface PullJob {
  repositoryId: string;
  ref: string | null;
  requestedBy: string;
}

const MAX_ATTEMPTS = 6;
/** Asked for by somebody, who may be waiting; the schedule's come after. Lower goes first. */
const BY_HAND = 0;

/**
 * Puts a pull into the job queue, inside the caller's transaction if there is one. The same pull, asked for while it
 * still waits, is one; pulls of one repository run one after the other (graphile-worker's job key and queue name).
 */
export async function enqueuePull(
  db: Context["db"] | Transaction,
  job: PullJob,
  priority: number = BY_HAND,
): Promise<void> {
  const key = job.ref === null ? `pull:${job.repositoryId}` : `pull:${job.repositoryId}:${job.ref}`;
  await db.$queryRaw(sql`
    SELECT (graphile_worker.add_job(
      'pull', ${JSON.stringify(job)}::json, queue_name := ${`pull:${job.repositoryId}`}, job_key := ${key},
      max_attempts := ${MAX_ATTEMPTS}::int, priority := ${priority}::int
    )).id::text`);
}

/** Has the worker remove the mirror of a repository that is gone, after whatever runs there. */
export async function enqueueMirrorRemoval(db: Context["db"] | Transaction, repositoryId: string): Promise<void> {
  await db.$queryRaw(sql`
    SELECT (graphile_worker.add_job(
      'remove_mirror', ${JSON.stringify({ repositoryId })}::json, queue_name := ${`pull:${repositoryId}`}
    )).id::text`);
}
