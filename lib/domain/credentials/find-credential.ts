import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context } from "../context";
import { DomainError } from "../errors";
import type { TestOutcome } from "@/lib/contract/test-outcome";
import { boundRepository } from "../repositories/find-repository";
import type { ProbedUpstream } from "../upstream/probe";
import type { Provider } from "@/lib/platform/prisma-client/enums";
import type { SealBinding } from "../vault/envelope";
import { upstreamOrigin } from "../upstream/remote-url";
import { secretBinding } from "./secret-binding";

export interface FoundCredential {
  id: string;
  repositoryId: string;
  repositoryName: string;
  hasUsername: boolean;
  version: number;
  /** The highest version that there ever was. */
  lastVersion: number;
  /** A new secret that waits for its test. */
  pendingVersion: number | null;
  pendingBy: string | null;
  /** When that one ends, where somebody said so. */
  pendingEndsAt: Date | null;
  /** The secret before this one, where it is still kept. */
  previousVersion: number | null;
  /** The version that a pull last had an answer with. */
  pulledVersion: number | null;
  /** What the last test found. */
  testOutcome: TestOutcome | null;
  /** What tells which others use the same secret, as `fingerprintOf` makes it. */
  fingerprint: Uint8Array | null;
  /** Days for which the organization keeps a replaced secret. */
  keepDays: number;
  createdAt: Date;
  upstream: ProbedUpstream;
  /** Pulls in a row that the host refused. */
  refusals: number;
  /** Since when the sealed secret does not open. */
  unreadableAt: Date | null;
}

interface Row {
  id: string;
  repository_id: string;
  repository_name: string;
  has_username: boolean;
  current_version: number;
  last_version: number;
  pending_version: number | null;
  pending_by: string | null;
  pending_ends_at: Date | null;
  previous_version: number | null;
  pulled_version: number | null;
  test_outcome: TestOutcome | null;
  fingerprint: Uint8Array | null;
  keep_days: number;
  created_at: Date;
  provider: Provider;
  host: string;
  owner: string;
  upstream_name: string;
  canonical_path: string | null;
  refusals: number;
  unreadable_at: Date | null;
}

/**
 * Finds a credential of the actor's organization by its id. One that is unknown, another organization's, of another
 * repository than `repositoryId`, or out of a bound token's reach is `not_found`, always in the same words.
 */
export async function findCredential(ctx: Context, id: string, repositoryId?: string): Promise<FoundCredential> {
  const bound = boundRepository(ctx.actor);
  const [row] = await ctx.db.$queryRaw<Row[]>(sql`
    SELECT c.id, c.repository_id, r.name AS repository_name, c.has_username, c.current_version, c.created_at,
      c.last_version, c.pending_version, c.pending_by, c.pending_ends_at, c.pulled_version, c.test_outcome::text AS test_outcome, c.fingerprint,
      CASE WHEN c.previous_until > ${ctx.clock()}::timestamptz THEN c.previous_version END AS previous_version, o.keep_days,
      c.unreadable_at, u.provider::text AS provider, u.host, u.owner, u.name AS upstream_name, u.canonical_path, r.refusals
    FROM git_credential c
    JOIN repository r ON r.id = c.repository_id
    JOIN organization o ON o.id = r.organization_id
    JOIN upstream u ON u.repository_id = r.id
    WHERE c.id = ${id} AND r.organization_id = ${ctx.actor.organizationId} AND r.deleted_at IS NULL`);
  const outOfReach = bound !== undefined && row?.repository_id !== bound && row?.repository_name !== bound;
  if (!row || outOfReach || (repositoryId !== undefined && row.repository_id !== repositoryId)) {
    throw credentialNotFound();
  }
  return {
    id: row.id,
    repositoryId: row.repository_id,
    repositoryName: row.repository_name,
    hasUsername: row.has_username,
    version: row.current_version,
    lastVersion: row.last_version,
    pendingVersion: row.pending_version,
    pendingBy: row.pending_by,
    pendingEndsAt: row.pending_ends_at,
    previousVersion: row.previous_version,
    pulledVersion: row.pulled_version,
    testOutcome: row.test_outcome,
    fingerprint: row.fingerprint,
    keepDays: row.keep_days,
    createdAt: row.created_at,
    refusals: row.refusals,
    unreadableAt: row.unreadable_at,
    upstream: {
      provider: row.provider,
      host: row.host,
      owner: row.owner,
      name: row.upstream_name,
      canonicalPath: row.canonical_path,
    },
  };
}

/** What a secret of this credential is sealed to. */
export function bindingOf(ctx: Context, credential: FoundCredential, version: number): SealBinding {
  return secretBinding({
    organizationId: ctx.actor.organizationId,
    repositoryId: credential.repositoryId,
    credentialId: credential.id,
    version,
    upstreamOrigin: upstreamOrigin(credential.upstream),
  });
}

/** Throws `version_mismatch` where somebody has rotated since the version that the caller knows. */
export function requireVersion({ version }: FoundCredential, wanted: number | undefined): void {
  if (wanted === undefined || wanted === version) return;
  throw new DomainError(
    "version_mismatch",
    `This credential is at version ${version} now, not ${wanted}. Read it again.`,
    {
      version,
    },
  );
}

/** Throws `conflict` where a secret that is meant for one host would go to another. */
export function requireHost(upstream: Pick<ProbedUpstream, "host">, wanted: string | undefined): void {
  if (wanted === undefined || wanted === upstream.host) return;
  throw new DomainError("conflict", "This secret is for another host than the one that the repository is on now.");
}

export function credentialNotFound(): DomainError {
  return new DomainError("not_found", "There is no such credential in this organization.");
}
