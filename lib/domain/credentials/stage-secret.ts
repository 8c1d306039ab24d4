import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";
import { actorName } from "../access/actor";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import type { Secret } from "../vault/vault";
import { bindingOf, type FoundCredential } from "./find-credential";

/**
 * Seals a secret as the credential's pending version, which is in use by nothing, with its end where somebody said it;
 * one that was pending is erased. Both are on record. Returns its version; undefined where the credential was changed
 * since it was read.
 */
export async function stageSecret(
  ctx: Context,
  credential: FoundCredential,
  { expiresAt, ...secret }: Secret & { expiresAt?: Date },
): Promise<number | undefined> {
  const version = credential.lastVersion + 1;
  const { masterKeyId, sealed } = ctx.vault.seal(bindingOf(ctx, credential, version), secret);
  const staged = await ctx.db.$queryRaw<unknown[]>(sql`
    WITH before AS (
      SELECT id, pending_version FROM git_credential WHERE id = ${credential.id} FOR UPDATE
    ), credential AS (
      UPDATE git_credential SET last_version = ${version}, pending_version = ${version},
        pending_by = ${actorName(ctx.actor)}, pending_at = ${ctx.clock()}::timestamptz,
        pending_ends_at = ${expiresAt ?? null}::timestamptz
      FROM before
      WHERE git_credential.id = before.id
        AND current_version = ${credential.version} AND last_version = ${credential.lastVersion}
      RETURNING git_credential.id, before.pending_version
    ), erased AS (
      DELETE FROM credential_secret USING credential
      WHERE credential_id = credential.id AND version = credential.pending_version
    ), secret AS (
      INSERT INTO credential_secret (credential_id, version, master_key_id, sealed)
      SELECT credential.id, ${version}, ${masterKeyId}, ${sealed} FROM credential
    )
    SELECT
      CASE WHEN pending_version IS NOT NULL THEN ${stagedCall(ctx, "erased", credential, credential.pendingVersion ?? 0)} END,
      ${stagedCall(ctx, "stored", credential, version)} AS seq
    FROM credential`);
  return staged.length > 0 ? version : undefined;
}

/** Erases a pending version, if it still is that. Returns whether it was. */
export async function eraseStaged(ctx: Context, credential: FoundCredential, version: number): Promise<boolean> {
  const erased = await ctx.db.$queryRaw<unknown[]>(sql`
    WITH credential AS (
      UPDATE git_credential SET pending_version = NULL, pending_by = NULL, pending_at = NULL, pending_ends_at = NULL
      WHERE id = ${credential.id} AND pending_version = ${version}
      RETURNING id
    ), erased AS (
      DELETE FROM credential_secret USING credential
      WHERE credential_id = credential.id AND version = ${version}
    )
    SELECT ${stagedCall(ctx, "erased", credential, version)} AS seq FROM credential`);
  return erased.length > 0;
}

function stagedCall(
  ctx: Context,
  what: "stored" | "erased",
  { id, repositoryId, repositoryName }: FoundCredential,
  version: number,
): Sql {
  return auditCall(ctx, {
    action: what === "stored" ? "credential.staged" : "credential.staged_erased",
    targetId: id,
    repositoryId,
    details: { repository: repositoryName, version },
  });
}
