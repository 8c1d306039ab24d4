import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Provider } from "@/lib/platform/prisma-client/enums";
import type { Actor } from "../access/actor";
import type { Context } from "../context";
import { DomainError } from "../errors";
import type { ProbedUpstream } from "../upstream/probe";

export interface FoundRepository {
  id: string;
  name: string;
  upstream: ProbedUpstream | null;
  /** Pulls in a row that the host refused. */
  refusals: number;
}

interface Row {
  id: string;
  name: string;
  provider: Provider | null;
  host: string | null;
  owner: string | null;
  upstream_name: string | null;
  canonical_path: string | null;
  refusals: number;
}

/** The repository that a token is bound to, or undefined where the actor may reach every one of its organization. */
export function boundRepository(actor: Actor): string | undefined {
  if (actor.kind !== "token" || actor.repositoryClaim === "org") return undefined;
  return actor.repositoryClaim;
}

/**
 * Finds a living repository of the actor's organization by its id or its name.
 * A token bound to one repository gets `wrong_repository` for any other, existing or not, always in the same words;
 * what is unknown or another organization's is `not_found`.
 */
export async function findRepository(ctx: Context, nameOrId: string): Promise<FoundRepository> {
  const bound = boundRepository(ctx.actor);
  const rows = await ctx.db.$queryRaw<Row[]>(sql`
    SELECT r.id, r.name, u.provider::text AS provider, u.host, u.owner, u.name AS upstream_name,
      u.canonical_path, r.refusals
    FROM repository r LEFT JOIN upstream u ON u.repository_id = r.id
    WHERE r.organization_id = ${ctx.actor.organizationId} AND r.deleted_at IS NULL
      AND (r.id IN (${nameOrId}, ${bound ?? nameOrId}) OR r.live_name IN (${nameOrId}, ${bound ?? nameOrId}))
    LIMIT 2`);
  const named = (wanted: string) => rows.find((row) => row.id === wanted || row.name === wanted);
  const row = named(nameOrId);
  if (bound !== undefined && bound !== nameOrId && (!row || named(bound)?.id !== row.id)) {
    throw new DomainError("wrong_repository", "This token is bound to another repository.");
  }
  if (!row) throw new DomainError("not_found", "There is no such repository in this organization.");
  const { id, name, provider, host, owner, upstream_name: upstreamName, canonical_path: canonicalPath } = row;
  const upstream =
    provider && host && owner && upstreamName ? { provider, host, owner, name: upstreamName, canonicalPath } : null;
  return { id, name, upstream, refusals: row.refusals };
}
