import { createHash } from "node:crypto";
import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";

/** What the worker is told of a pull; everything else it reads when it begins. */
export interface PullJob {
  repositoryId: string;
  ref: string | null;
  requestedBy: string;
  /** Asked for by somebody, and so counted against the organization's queue. */
  byHand?: boolean;
}

/** A pull that is to go into the queue; a lower turn goes first. */
interface Waiting {
  organizationId: string;
  job: PullJob;
  turn: number;
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
  organizationId: string,
  job: PullJob,
  { afterSeconds = 0 }: { afterSeconds?: number } = {},
): Promise<void> {
  return enqueuePulls(db, [{ organizationId, job, turn: BY_HAND }], afterSeconds);
}

/** The same for many, in one statement. */
export async function enqueuePulls(
  db: Context["db"] | Transaction,
  jobs: readonly Waiting[],
  afterSeconds = 0,
): Promise<void> {
  const flags = jobs.map(({ organizationId, job }) => (job.byHand ? askedIn(organizationId) : null));
  await db.$queryRaw(sql`
    SELECT (graphile_worker.add_job(
      'pull', job.payload::json, queue_name := job.queue, job_key := job.key,
      max_attempts := ${MAX_ATTEMPTS}::int, priority := job.turn, flags := array_remove(ARRAY[job.flag], NULL),
      run_at := now() + ${afterSeconds}::int * interval '1 second'
    )).id::text
    FROM unnest(
      ${jobs.map(({ job }) => JSON.stringify(job))}::text[], ${jobs.map(({ job }) => queueOf(job.repositoryId))}::text[],
      ${jobs.map(({ job }) => keyOf(job))}::text[], ${jobs.map(({ turn }) => turn)}::int[], ${flags}::text[]
    ) AS job (payload, queue, key, turn, flag)`);
}

/**
 * How many other pulls that somebody asked for wait in the organization's name, counted up to `most`. Looks through the
 * queue, which has no index for this; that nobody can fill it is what this is for.
 */
export async function countWaitingPulls(
  db: Context["db"],
  organizationId: string,
  job: PullJob,
  most: number,
): Promise<number> {
  const [row] = await db.$queryRaw<[{ count: number }]>(sql`
    SELECT count(*)::int AS count FROM (
      SELECT FROM graphile_worker.jobs
      WHERE flags ? ${askedIn(organizationId)} AND locked_at IS NULL AND key <> ${keyOf(job)}
      LIMIT ${most}
    ) AS waiting`);
  return row.count;
}

/** Whether a pull of the whole repository is due and has not begun; `begun` is when the newest run did. */
export async function isPullDue(db: Context["db"], repositoryId: string, begun: Date | null): Promise<boolean> {
  // A worker takes a pull before its run begins: what was taken since the newest run began is not that run's.
  const [row] = await db.$queryRaw<[{ due: boolean }]>(sql`
    SELECT EXISTS (
      SELECT FROM graphile_worker.jobs
      WHERE key = ${keyOf({ repositoryId, ref: null })} AND run_at <= now() AND attempts < max_attempts
        AND (locked_at IS NULL OR locked_at > ${begun ?? new Date(0)}::timestamptz)
    ) AS due`);
  return row.due;
}

function askedIn(organizationId: string): string {
  return `asked:${organizationId}`;
}

function keyOf({ repositoryId, ref }: Pick<PullJob, "repositoryId" | "ref">): string {
  return `pull:${repositoryId}${ref === null ? "" : `:${ref}`}`;
}

/** Has the worker remove the mirror of a repository that is gone, after whatever runs there. */
export async function enqueueMirrorRemoval(db: Context["db"] | Transaction, repositoryId: string): Promise<void> {
  await db.$queryRaw(sql`
    SELECT (graphile_worker.add_job(
      'remove_mirror', ${JSON.stringify({ repositoryId })}::json, queue_name := ${queueOf(repositoryId)}
    )).id::text`);
}

/**
 * The name of the queue that a repository's pulls are in. What is in one queue runs one after the other. The library looks
 * at every queue's row at every poll, so repositories share a fixed number of them; now and then a pull waits for a
 * neighbour's.
 */
export function queueOf(repositoryId: string): string {
  const [first] = createHash("sha256").update(repositoryId).digest();
  return `pull-${first}`;
}
