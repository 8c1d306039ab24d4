import { sqltag as sql } from "@prisma/client/runtime/client";
import { requirePermission } from "../access/permissions";
import { actorName } from "../access/actor";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { newId } from "../new-id";
import { findRepository } from "../repositories/find-repository";
import { upstreamOrigin } from "../upstream/remote-url";
import { usernameHint } from "./username-hint";

export interface CreateCredentialInput {
  /** The repository's id or name. */
  repository: string;
  username?: string | null;
  password: string;
}

export interface CredentialReceipt {
  id: string;
  createdAt: Date;
}

/**
 * Stores a repository's one credential. Throws as `findRepository` does; `no_upstream` where there is no generic Git
 * upstream to use it with; `credential_exists`, with the existing id, where one is stored already.
 */
export async function createCredential(ctx: Context, input: CreateCredentialInput): Promise<CredentialReceipt> {
  requirePermission(ctx.actor, "credential:write");
  const repository = await findRepository(ctx, input.repository);
  const { upstream } = repository;
  if (!upstream || upstream.provider === "github") {
    throw new DomainError(
      "no_upstream",
      "This repository has no generic Git upstream, so there is nothing to use a credential with.",
    );
  }
  const id = newId("ggc");
  const username = input.username || null;
  // Whole seconds, as the contract's examples have them; rotation keeps this time.
  const createdAt = new Date(Math.floor(ctx.clock().getTime() / 1000) * 1000);
  const { masterKeyId, sealed } = ctx.vault.seal(
    {
      organizationId: ctx.actor.organizationId,
      repositoryId: repository.id,
      credentialId: id,
      version: 1,
      upstreamOrigin: upstreamOrigin(upstream),
    },
    { username, password: input.password },
  );
  const audit = auditCall(ctx, {
    action: "credential.created",
    targetId: id,
    repositoryId: repository.id,
    details: { repository: repository.name, version: 1, has_username: username !== null },
  });
  // One statement, one round trip. The shared locks hold off a deletion or a change of upstream: after one, nothing
  // is inserted, since the secret is bound to the upstream that was read.
  const inserted = await ctx.db.$queryRaw<unknown[]>(sql`
    WITH target AS (
      SELECT r.id FROM repository r JOIN upstream u ON u.repository_id = r.id
      WHERE r.id = ${repository.id} AND r.deleted_at IS NULL AND u.host = ${upstream.host}
      FOR SHARE
    ), credential AS (
      INSERT INTO git_credential (id, repository_id, has_username, username_hint, added_by, created_at)
      SELECT ${id}, target.id, ${username !== null}, ${usernameHint(username)}, ${actorName(ctx.actor)}, ${createdAt}::timestamptz
      FROM target
      ON CONFLICT (repository_id) DO NOTHING
      RETURNING id
    ), secret AS (
      INSERT INTO credential_secret (credential_id, version, master_key_id, sealed)
      SELECT credential.id, 1, ${masterKeyId}, ${sealed} FROM credential
    )
    SELECT ${audit} AS seq FROM credential`);
  if (inserted.length === 0) throw await refusal(ctx, repository.id);
  return { id, createdAt };
}

/** Why nothing was inserted: a credential is there, or the repository went away meanwhile. */
async function refusal(ctx: Context, repositoryId: string): Promise<DomainError> {
  const existing = await ctx.db.gitCredential.findFirst({
    where: { repositoryId, repository: { organizationId: ctx.actor.organizationId, deletedAt: null } },
    select: { id: true },
  });
  if (existing) {
    return new DomainError(
      "credential_exists",
      "This repository already has a credential. Rotate it instead.",
      existing,
    );
  }
  return new DomainError("not_found", "There is no such repository in this organization.");
}
