import { createHash } from "node:crypto";
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
export function enqueuePull(
  db: Context["db"] | Transaction,
  job: PullJob,
  { afterSeconds = 0 }: { afterSeconds?: number } = {},
): Promise<void> {
  return enqueuePulls(db, [{ job, turn: BY_HAND }], afterSeconds);
}

/** The same for many, in one statement; a lower turn goes first. */
export async function enqueuePulls(
  db: Context["db"] | Transaction,
  jobs: readonly { job: PullJob; turn: number }[],
  afterSeconds = 0,
): Promise<void> {
  const keys = jobs.map(({ job: { repositoryId, ref } }) => `pull:${repositoryId}${ref === null ? "" : `:${ref}`}`);
  await db.$queryRaw(sql`
    SELECT (graphile_worker.add_job(
      'pull', job.payload::json, queue_name := job.queue, job_key := job.key,
      max_attempts := ${MAX_ATTEMPTS}::int, priority := job.turn,
      run_at := now() + ${afterSeconds}::int * interval '1 second'
    )).id::text
    FROM unnest(
      ${jobs.map(({ job }) => JSON.stringify(job))}::text[], ${jobs.map(({ job }) => queueOf(job.repositoryId))}::text[],
      ${keys}::text[], ${jobs.map(({ turn }) => turn)}::int[]
    ) AS job (payload, queue, key, turn)`);
}

/** Has the worker remove the mirror of a repository that is gone, after whatever runs there. */
export async function enqueueMirrorRemoval(db: Context["db"] | Transaction, repositoryId: string): Promise<void> {
  await db.$queryRaw(sql`
    SELECT (graphile_worker.add_job(
      'remove_mirror', ${JSON.stringify({ repositoryId })}::json, queue_name := ${queueOf(repositoryId)}
    )).id::text`);
}

/**
 * What is in one queue runs one after the other. The library looks at every queue's row at every poll, so repositories
 * share a fixed number of them; now and then a pull waits for a neighbour's.
 */
function queueOf(repositoryId: string): string {
  const [first] = createHash("sha256").update(repositoryId).digest();
  return `pull-${first}`;
}
