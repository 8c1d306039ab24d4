import { sqltag as sql } from "@prisma/client/runtime/client";
import type { SyncOutcome } from "@/lib/contract/sync-runs";
import { REFUSED_OUTCOMES } from "@/lib/contract/test-outcome";
import type { Context, Transaction } from "../context";
import { countChanges, type FetchResult, type Heads } from "../upstream/mirror";
import { remoteUrl } from "../upstream/remote-url";
import { nextPull } from "./next-pull";
import type { Pulled } from "./pull-repository";

const MAX_REFUSALS = 3;
const KEPT_RUNS = 100;
const REFUSALS: readonly SyncOutcome[] = ["needs_credential", "rejected", "scope_too_small", "no_access"];

/** Keeps what came of a pull, all of it or nothing: the run, the heads, the next turn, and how the credential fared. */
export async function keepPull(
  ctx: Context,
  repository: Pulled,
  { run, outcome, result }: { run: string; outcome: SyncOutcome; result: FetchResult },
): Promise<void> {
  const { id, upstream, credential } = repository;
  const now = ctx.clock();
  const refusals = REFUSALS.includes(outcome) ? repository.refusals + 1 : 0;
  const succeeded = outcome === "succeeded";
  await ctx.db.$transaction(async (tx) => {
    await tx.syncRun.update({
      where: { id: run },
      data: {
        finishedAt: now,
        outcome,
        reason: result.reason,
        refsChanged: countChanges(result.before, result.after),
        bytes: result.bytes,
      },
    });
    await tx.repository.updateMany({
      where: { id },
      data: {
        nextPullAt: nextPull(now, repository.pullEveryMinutes),
        refusals,
        lastPullAt: now,
        lastPullOutcome: outcome,
        ...(refusals >= MAX_REFUSALS && { pausedAt: now }),
      },
    });
    if (succeeded) {
      await replaceHeads(tx, id, result.after);
      if (result.path !== upstream.canonicalPath && result.path !== new URL(remoteUrl(upstream)).pathname) {
        await tx.upstream.updateMany({
          where: { repositoryId: id, host: upstream.host },
          data: { canonicalPath: result.path },
        });
      }
    }
    if (credential) await tellCredential(tx, credential, outcome, now);
    await dropOldRuns(tx, id);
  });
}

/** In two statements however many there are: a row's values as parameters would be too many for a large repository. */
async function replaceHeads(tx: Transaction, repositoryId: string, heads: Heads): Promise<void> {
  await tx.mirrorHead.deleteMany({ where: { repositoryId } });
  await tx.$executeRaw(sql`
    INSERT INTO mirror_head (repository_id, ref, object_id)
    SELECT ${repositoryId}, * FROM unnest(${[...heads.keys()]}::text[], ${[...heads.values()]}::text[])`);
}

async function dropOldRuns(tx: Transaction, repositoryId: string): Promise<void> {
  await tx.$executeRaw(sql`
    DELETE FROM sync_run WHERE repository_id = ${repositoryId} AND started_at < (
      SELECT started_at FROM sync_run WHERE repository_id = ${repositoryId}
      ORDER BY started_at DESC OFFSET ${KEPT_RUNS - 1} LIMIT 1
    )`);
}

/** A pull is a test of reading: a refusal shows at the credential, and a refusal from before is over with a success. */
async function tellCredential(
  tx: Transaction,
  { id, version }: { id: string; version: number },
  outcome: SyncOutcome,
  now: Date,
): Promise<void> {
  const where = { id, currentVersion: version };
  if (outcome === "rejected" || outcome === "scope_too_small" || outcome === "no_access") {
    await tx.gitCredential.updateMany({ where, data: { testOutcome: outcome, testReason: null, testedAt: now } });
  } else if (outcome === "succeeded") {
    await tx.gitCredential.updateMany({
      where: { ...where, testOutcome: { in: [...REFUSED_OUTCOMES] } },
      data: { testOutcome: null, testReason: null, testedAt: null },
    });
  }
}
