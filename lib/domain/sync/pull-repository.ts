import type { SyncOutcome } from "@/lib/contract/sync-runs";
import type { Context } from "../context";
import { findCredential } from "../credentials/find-credential";
import { withOpenSecret } from "../credentials/open-secret";
import { isBeingRenewed } from "../renewals/is-being-renewed";
import { basicAuthorization } from "../upstream/basic-authorization";
import { DomainError } from "../errors";
import { withDeadline } from "../upstream/deadline";
import { hasFreeSpace } from "../upstream/free-space";
import { JobStopped, type Gateway } from "../upstream/gateway";
import { fetchMirror, mirrorFolder, type FetchProgress, type FetchResult } from "../upstream/mirror";
import type { ProbedUpstream } from "../upstream/probe";
import { upstreamPath } from "../upstream/remote-url";
import { beginRun, stopOpenRuns } from "./begin-run";
import { enqueuePull, type PullJob } from "./enqueue-pull";
import type { OrganizationSlots } from "./organization-slots";
import { goBackAfterRejection } from "./go-back-after-rejection";
import { keepProgress } from "./keep-progress";
import { keepPull } from "./keep-pull";

/** What the worker has besides a context. */
export interface PullTools {
  gateway: Gateway;
  /** The folder of all mirrors. */
  mirrors: string;
  /** With less than this left on its disk nothing is pulled, nor pulled on, so that what else is there goes on. */
  minFreeBytes: number;
  slots: OrganizationSlots;
  /** Called with the mirror's folder after each pull that succeeded, while nothing else can fetch into it. */
  maintain: (folder: string) => Promise<void>;
  /** Aborts when the worker is stopped. */
  signal: AbortSignal;
  /** For the whole of a pull. */
  deadlineMs?: number;
}

export const DEADLINE_MS = 15 * 60 * 1000;
const POSTPONE_SECONDS = 5;
export const MAX_BYTES = 20 * 1024 * 1024 * 1024;

/** The repository as it stood when the pull began. */
export interface Pulled {
  id: string;
  name: string;
  upstream: ProbedUpstream;
  /** With the version that was opened last, or was to be, and the one whose use is noted. */
  credential: { id: string; version: number; noted?: number } | null;
  /** One branch or tag; null for all of them. */
  ref: string | null;
}

/**
 * Pulls a repository into its mirror and keeps what came of it: the run, the heads, when the credential was used, and
 * whether it still is good. Returns the outcome; `undefined` where the repository or its upstream is gone, and
 * "postponed" where the organization has as many running as it may, or the token is being renewed just now: the pull is in
 * the queue again.
 */
export async function pullRepository(
  ctx: Omit<Context, "actor">,
  tools: PullTools,
  job: PullJob,
): Promise<SyncOutcome | "postponed" | undefined> {
  const row = await ctx.db.repository.findFirst({
    where: { id: job.repositoryId, deletedAt: null },
    select: {
      id: true,
      name: true,
      organization: { select: { id: true, slug: true } },
      upstream: { select: { provider: true, host: true, owner: true, name: true, canonicalPath: true } },
      credential: { select: { id: true, currentVersion: true, fingerprint: true } },
    },
  });
  if (!row?.upstream) return undefined;
  const { organization, upstream, credential, id, name } = row;
  const actor = {
    kind: "system",
    name: "pull",
    organizationId: organization.id,
    organizationSlug: organization.slug,
  } as const;
  const pulled: Pulled = {
    id,
    name,
    ref: job.ref,
    upstream,
    credential: credential && { id: credential.id, version: credential.currentVersion },
  };
  const fingerprint = credential?.fingerprint;
  const renewing = fingerprint && (await isBeingRenewed(ctx, { organizationId: organization.id, fingerprint }));
  if (renewing || !tools.slots.take(organization.id)) {
    await enqueuePull(ctx.db, organization.id, job, { afterSeconds: POSTPONE_SECONDS });
    return "postponed";
  }
  try {
    return await pull({ ...ctx, actor }, tools, job, pulled);
  } finally {
    tools.slots.giveBack(organization.id);
  }
}

async function pull(ctx: Context, tools: PullTools, job: PullJob, repository: Pulled): Promise<SyncOutcome> {
  const { id, upstream } = repository;
  const folder = mirrorFolder(tools.mirrors, id);
  const run = await beginRun(ctx, repository, job);
  try {
    const path = upstreamPath(upstream);
    const fetch = (signal: AbortSignal, onProgress: (progress: FetchProgress) => void) =>
      fetchMirror(tools.gateway, {
        folder,
        ref: job.ref,
        onProgress,
        target: {
          host: upstream.host,
          path,
          authorize: () => authorize(ctx, repository),
          maxBytes: MAX_BYTES,
          signal,
        },
      });
    const result = (await hasFreeSpace(tools.mirrors, tools.minFreeBytes))
      ? await withDeadline(tools.deadlineMs ?? DEADLINE_MS, tools.signal, (signal) =>
          whileThereIsSpace(ctx, tools, { run, signal, fetch }),
        )
      : { outcome: "no_space" as const, reason: null, bytes: 0, path, before: new Map(), after: new Map() };
    const outcome = outcomeOf(result, repository, tools.signal);
    const back = outcome === "rejected" && (await goBackAfterRejection(ctx, repository));
    await keepPull(ctx, repository, { run, outcome, result, back });
    if (outcome === "succeeded") await tools.maintain(folder);
    return outcome;
  } catch (error) {
    // Something of ours failed, such as the disk: the run ends with that, and the queue tries again.
    await ctx.db.$transaction((tx) => stopOpenRuns(tx, ctx, repository));
    throw error;
  }
}

/** A fetch whose progress is kept, and which is broken off where it, or what else is on the disk, leaves too little. */
async function whileThereIsSpace(
  ctx: Context,
  { mirrors, minFreeBytes }: PullTools,
  {
    run,
    signal,
    fetch,
  }: {
    run: string;
    signal: AbortSignal;
    fetch: (signal: AbortSignal, onProgress: (progress: FetchProgress) => void) => Promise<FetchResult>;
  },
): Promise<FetchResult> {
  const ending = new AbortController();
  const end = () => ending.abort(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  let full = false;
  const look = async () => {
    if (await hasFreeSpace(mirrors, minFreeBytes)) return;
    full = true;
    ending.abort();
  };
  const result = await fetch(ending.signal, keepProgress(ctx, run, look));
  return full && result.outcome !== "succeeded" ? { ...result, outcome: "no_space", reason: null } : result;
}

const ATTEMPTS = 5;

/**
 * What the next request to the upstream carries: the secret that is stored now, so that after a rotation the old one is
 * sent no more, and after a removal none is. Throws `JobStopped` where the credential that the pull began with is gone,
 * or does not open.
 */
async function authorize(ctx: Context, { id, upstream, credential }: Pulled): Promise<string | null> {
  if (!credential || upstream.provider === "srht") return null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await findCredential(ctx, credential.id, id).catch(stopWhereGone);
    if (current.upstream.host !== upstream.host) throw new JobStopped();
    credential.version = current.version;
    try {
      const header = await withOpenSecret(ctx, current, (secret) => basicAuthorization(upstream.provider, secret));
      await noteUse(ctx, credential);
      return header;
    } catch (error) {
      // Rotated between the two looks: the new version is there now.
      if (error instanceof DomainError && error.code === "not_found") continue;
      throw error instanceof DomainError ? new JobStopped("unreadable") : error;
    }
  }
  throw new JobStopped();
}

/** Once for each version: the requests of a pull follow one another within moments, and each note is a commit. */
async function noteUse(ctx: Context, credential: NonNullable<Pulled["credential"]>): Promise<void> {
  if (credential.noted === credential.version) return;
  await ctx.db.gitCredential.updateMany({ where: { id: credential.id }, data: { lastUsedAt: ctx.clock() } });
  credential.noted = credential.version;
}

function stopWhereGone(error: unknown): never {
  throw error instanceof DomainError ? new JobStopped() : error;
}

function outcomeOf({ outcome }: FetchResult, { credential }: Pulled, stopped: AbortSignal): SyncOutcome {
  if (outcome !== "succeeded" && stopped.aborted) return "stopped";
  return outcome === "rejected" && !credential ? "needs_credential" : outcome;
}
