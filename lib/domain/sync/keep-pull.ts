import { sqltag as sql } from "@prisma/client/runtime/client";
import type { SyncOutcome, SyncReason } from "@/lib/contract/sync-runs";
import { REFUSED_OUTCOMES } from "@/lib/contract/test-outcome";
import { recordAudit } from "../audit/record-audit";
import type { Context, Transaction } from "../context";
import { countChanges, type FetchResult, type Heads } from "../upstream/mirror";
import { keepCanonicalPath } from "../upstream/canonical-path";
import { upstreamPath } from "../upstream/remote-url";
import { announceRejected } from "../webhooks/announce-rejected";
import { announceEnd, announcePause } from "./announce-sync";
import { enqueuePull } from "./enqueue-pull";
import { jitter } from "./next-pull";
import type { Pulled } from "./pull-repository";

const MAX_REFUSALS = 3;
export const KEPT_RUNS = 100;
const TRANSACTION_MS = 60_000;
/** What says something of the secret that was sent. */
const ANSWERED: readonly SyncOutcome[] = ["succeeded", "rejected", "scope_too_small", "no_access"];
const REFUSALS: readonly SyncOutcome[] = ["needs_credential", "rejected", "scope_too_small", "no_access"];

/**
 * Keeps what came of a pull, all of it or nothing: the run, the heads, the next turn, how the credential fared, and
 * where the previous secret was put in place again (`back`), that it is pulled with that.
 */
export async function keepPull(
  ctx: Context,
  repository: Pulled,
  { run, outcome, result, back }: { run: string; outcome: SyncOutcome; result: FetchResult; back: boolean },
): Promise<void> {
  const { id, upstream, credential } = repository;
  const now = ctx.clock();
  await ctx.db.$transaction(
    async (tx) => {
      const refsChanged = countChanges(result.before, result.after);
      const ended = await tx.syncRun.update({
        where: { id: run },
        data: {
          finishedAt: now,
          outcome,
          reason: result.reason,
          refsChanged,
          bytes: result.bytes,
          credentialVersion: credential?.version ?? null,
        },
        select: { number: true, startedAt: true },
      });
      const ending = { outcome, reason: result.reason };
      const { pausedNow, refusals } = await moveOn(tx, repository, ending, now);
      if (outcome === "succeeded") {
        await replaceHeads(tx, id, result.after);
        if (result.path !== upstreamPath(upstream)) await keepCanonicalPath(tx, id, upstream, result.path);
      }
      const rejectedNow = credential !== null && (await tellCredential(tx, credential, ending, now));
      await dropOldRuns(tx, id);
      // Rows, then the chain, then webhooks: whoever takes all three does so in this order.
      if (pausedNow) {
        const details = { name: repository.name, refusals, outcome };
        await recordAudit(tx, ctx, { action: "repository.pulls_paused", targetId: id, details });
      }
      await announceEnd(tx, ctx, repository, { ...ended, ...ending, refsChanged });
      if (pausedNow) await announcePause(tx, ctx, repository, refusals);
      if (rejectedNow) await announceRejected(tx, ctx, { credentialId: credential.id, repository, upstream });
      if (back) {
        const job = { repositoryId: id, ref: null, requestedBy: "rollback" };
        await enqueuePull(tx, ctx.actor.organizationId, job);
      }
    },
    { timeout: TRANSACTION_MS },
  );
}

interface Ending {
  outcome: SyncOutcome;
  reason: SyncReason | null;
}

/**
 * The next turn (a tenth sooner or later, see `jitter`; a pull of one branch does not take the turn of all), and the
 * refusals in a row; a secret that does not open is one, since trying again does not mend it. What was read when the pull began may have changed: the schedule is taken from the row, and a
 * refusal counts only while the secret that met it is still the one. Only a success ends a row of refusals. Returns how
 * many there are, and whether they pause pulling from now on.
 */
async function moveOn(
  tx: Transaction,
  { id, ref, credential }: Pulled,
  { outcome, reason }: Ending,
  now: Date,
): Promise<{ refusals: number; pausedNow: boolean }> {
  const refused = REFUSALS.includes(outcome) || reason === "unreadable";
  const sameSecret = credential
    ? sql`EXISTS (SELECT FROM git_credential WHERE id = ${credential.id} AND current_version = ${credential.version})`
    : sql`NOT EXISTS (SELECT FROM git_credential WHERE repository_id = ${id})`;
  const [row] = await tx.$queryRaw<{ refusals: number; paused_now: boolean }[]>(sql`
    WITH before AS (SELECT id, paused_at FROM repository WHERE id = ${id} FOR NO KEY UPDATE)
    UPDATE repository SET
      last_pull_at = ${now}::timestamptz,
      last_pull_outcome = ${outcome}::sync_outcome,
      next_pull_at = CASE
        WHEN ${ref !== null} THEN next_pull_at
        WHEN pull_every_minutes > 0
          THEN ${now}::timestamptz + pull_every_minutes * interval '1 minute' * ${jitter()}::float8
      END,
      refusals = CASE
        WHEN ${outcome === "succeeded"} THEN 0
        WHEN ${refused} AND ${sameSecret} THEN refusals + 1
        ELSE refusals
      END,
      paused_at = CASE
        WHEN ${refused} AND refusals + 1 >= ${MAX_REFUSALS} AND ${sameSecret} THEN ${now}::timestamptz
        ELSE repository.paused_at
      END
    FROM before WHERE repository.id = before.id
    RETURNING repository.refusals, before.paused_at IS NULL AND repository.paused_at IS NOT NULL AS paused_now`);
  return { refusals: row?.refusals ?? 0, pausedNow: row?.paused_now ?? false };
}

/** Writes what changed, in two statements however many there are. */
async function replaceHeads(tx: Transaction, repositoryId: string, heads: Heads): Promise<void> {
  const refs = [...heads.keys()];
  await tx.$executeRaw(sql`
    DELETE FROM mirror_head WHERE repository_id = ${repositoryId} AND ref <> ALL (${refs}::text[])`);
  await tx.$executeRaw(sql`
    INSERT INTO mirror_head (repository_id, ref, object_id)
    SELECT ${repositoryId}, * FROM unnest(${refs}::text[], ${[...heads.values()]}::text[])
    ON CONFLICT (repository_id, ref) DO UPDATE SET object_id = EXCLUDED.object_id
    WHERE mirror_head.object_id <> EXCLUDED.object_id`);
}

async function dropOldRuns(tx: Transaction, repositoryId: string): Promise<void> {
  await tx.$executeRaw(sql`
    DELETE FROM sync_run WHERE repository_id = ${repositoryId} AND started_at < (
      SELECT started_at FROM sync_run WHERE repository_id = ${repositoryId}
      ORDER BY started_at DESC OFFSET ${KEPT_RUNS - 1} LIMIT 1
    )`);
}

/**
 * A pull is a test of reading: a refusal shows at the credential, and a refusal from before is over with a success.
 * Returns whether the host rejects what it did not reject the last time.
 */
async function tellCredential(
  tx: Transaction,
  { id, version }: NonNullable<Pulled["credential"]>,
  { outcome, reason }: Ending,
  now: Date,
): Promise<boolean> {
  const where = { id, currentVersion: version };
  if (ANSWERED.includes(outcome)) await tx.gitCredential.updateMany({ where, data: { pulledVersion: version } });
  if (outcome === "rejected" || outcome === "scope_too_small" || outcome === "no_access") {
    const before = await tx.gitCredential.findFirst({ where, select: { testOutcome: true } });
    await tx.gitCredential.updateMany({ where, data: { testOutcome: outcome, testReason: reason, testedAt: now } });
    return outcome === "rejected" && before !== null && before.testOutcome !== "rejected";
  }
  if (outcome === "succeeded") {
    await tx.gitCredential.updateMany({
      where: { ...where, testOutcome: { in: [...REFUSED_OUTCOMES] } },
      data: { testOutcome: null, testReason: null, testedAt: null },
    });
  }
  return false;
}
