import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context } from "../context";
import { DomainError } from "../errors";
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
  createdAt: Date;
  upstream: ProbedUpstream;
  /** Pulls in a row that the host refused. */
  refusals: number;
}

interface Row {
  id: string;
  repository_id: string;
  repository_name: string;
  has_username: boolean;
  current_version: number;
  created_at: Date;
  provider: Provider;
  host: string;
  owner: string;
  upstream_name: string;
  canonical_path: string | null;
  refusals: number;
}

/**
 * Finds a credential of the actor's organization by its id. One that is unknown, another organization's, of another
 * repository than `repositoryId`, or out of a bound token's reach is `not_found`, always in the same words.
 */
export async function findCredential(ctx: Context, id: string, repositoryId?: string): Promise<FoundCredential> {
  const bound = boundRepository(ctx.actor);
  const [row] = await ctx.db.$queryRaw<Row[]>(sql`
    SELECT c.id, c.repository_id, r.name AS repository_name, c.has_username, c.current_version, c.created_at,
      u.provider::text AS provider, u.host, u.owner, u.name AS upstream_name, u.canonical_path, r.refusals
    FROM git_credential c
    JOIN repository r ON r.id = c.repository_id
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
    createdAt: row.created_at,
    refusals: row.refusals,
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

export function credentialNotFound(): DomainError {
  return new DomainError("not_found", "There is no such credential in this organization.");
}
