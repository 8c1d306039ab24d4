import { REFUSED_OUTCOMES } from "@/lib/contract/test-outcome";
import type { SyncOutcome } from "@/lib/contract/sync-runs";
import type { Context, Transaction } from "../context";
import { findCredential } from "../credentials/find-credential";
import { withOpenSecret } from "../credentials/open-secret";
import { newId } from "../new-id";
import { basicAuthorization } from "../upstream/basic-authorization";
import type { Gateway } from "../upstream/gateway";
import { countChanges, fetchMirror, mirrorFolder, type FetchResult } from "../upstream/mirror";
import type { ProbedUpstream } from "../upstream/probe";
import { remoteUrl } from "../upstream/remote-url";
import type { PullJob } from "./enqueue-pull";
import { nextPull } from "./next-pull";

/** What the worker has besides a context. */
export interface PullTools {
  gateway: Gateway;
  /** The folder of all mirrors. */
  mirrors: string;
  /** Aborts when the worker is stopped. */
  signal: AbortSignal;
}

const DEADLINE_MS = 15 * 60 * 1000;
const MAX_BYTES = 20 * 1024 * 1024 * 1024;
const MAX_REFUSALS = 3;
const REFUSALS: readonly SyncOutcome[] = ["needs_credential", "rejected", "scope_too_small", "no_access"];

interface Pulled {
  id: string;
  upstream: ProbedUpstream;
  credential: { id: string; version: number } | null;
  pullEveryMinutes: number;
  refusals: number;
}

/**
 * Pulls a repository into its mirror and keeps what came of it: the run, the heads, when the credential was used, and
 * whether it still is good. Returns the outcome; `undefined` where the repository or its upstream is gone.
 */
export async function pullRepository(
  ctx: Omit<Context, "actor">,
  tools: PullTools,
  job: PullJob,
): Promise<SyncOutcome | undefined> {
  const row = await ctx.db.repository.findFirst({
    where: { id: job.repositoryId, deletedAt: null },
    select: {
      id: true,
      pullEveryMinutes: true,
      refusals: true,
      organization: { select: { id: true, slug: true } },
      upstream: { select: { provider: true, host: true, owner: true, name: true, canonicalPath: true } },
      credential: { select: { id: true, currentVersion: true } },
    },
  });
  if (!row?.upstream) return undefined;
  const { organization, upstream, credential, ...repository } = row;
  const actor = {
    kind: "system",
    name: "pull",
    organizationId: organization.id,
    organizationSlug: organization.slug,
  } as const;
  const pulled: Pulled = {
    ...repository,
    upstream,
    credential: credential && { id: credential.id, version: credential.currentVersion },
  };
  return pull({ ...ctx, actor }, tools, job, pulled);
}

async function pull(ctx: Context, tools: PullTools, job: PullJob, repository: Pulled): Promise<SyncOutcome> {
  const { id, upstream, credential } = repository;
  const run = newId("run");
  // A run that a killed worker left open ended with it: pulls of one repository never overlap.
  await ctx.db.$transaction([
    ctx.db.syncRun.updateMany({
      where: { repositoryId: id, finishedAt: null },
      data: { finishedAt: ctx.clock(), outcome: "stopped" },
    }),
    ctx.db.syncRun.create({
      data: {
        id: run,
        repositoryId: id,
        requestedBy: job.requestedBy,
        ref: job.ref,
        startedAt: ctx.clock(),
        credentialVersion: credential?.version ?? null,
      },
    }),
  ]);
  const result = await fetchMirror(tools.gateway, {
    folder: mirrorFolder(tools.mirrors, id),
    ref: job.ref,
    target: {
      host: upstream.host,
      path: upstream.canonicalPath ?? new URL(remoteUrl(upstream)).pathname,
      authorize: () => authorize(ctx, repository),
      maxBytes: MAX_BYTES,
      signal: AbortSignal.any([tools.signal, AbortSignal.timeout(DEADLINE_MS)]),
    },
  });
  const outcome = outcomeOf(result, repository, tools.signal);
  await keep(ctx, repository, { run, outcome, result });
  return outcome;
}

/**
 * What the next request to the upstream carries: the secret that is stored now, so that after a rotation the old one is
 * sent no more, and after a removal none is. Throws where the credential that the pull began with is gone.
 */
async function authorize(ctx: Context, { id, upstream, credential }: Pulled): Promise<string | null> {
  if (!credential || upstream.provider === "srht") return null;
  const current = await findCredential(ctx, credential.id, id);
  if (current.upstream.host !== upstream.host) throw new Error("The upstream was changed.");
  await ctx.db.gitCredential.updateMany({ where: { id: credential.id }, data: { lastUsedAt: ctx.clock() } });
  return withOpenSecret(ctx, current, (secret) => basicAuthorization(upstream.provider, secret));
}

function outcomeOf({ outcome }: FetchResult, { credential }: Pulled, stopped: AbortSignal): SyncOutcome {
  if (outcome !== "succeeded" && stopped.aborted) return "stopped";
  return outcome === "rejected" && !credential ? "needs_credential" : outcome;
}

async function keep(
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
      await tx.mirrorHead.deleteMany({ where: { repositoryId: id } });
      await tx.mirrorHead.createMany({
        data: [...result.after].map(([ref, objectId]) => ({ repositoryId: id, ref, objectId })),
      });
      if (result.path !== upstream.canonicalPath && result.path !== new URL(remoteUrl(upstream)).pathname) {
        await tx.upstream.updateMany({
          where: { repositoryId: id, host: upstream.host },
          data: { canonicalPath: result.path },
        });
      }
    }
    if (credential) await tellCredential(tx, credential, outcome, now);
  });
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
