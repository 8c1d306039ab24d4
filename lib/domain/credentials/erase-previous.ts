import { sqltag as sql } from "@prisma/client/runtime/client";
import { requirePermission } from "../access/permissions";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { findCredential } from "./find-credential";

/** Erases the secret before the current one at once. Throws as `findCredential`, and `no_previous`. */
export async function erasePrevious(ctx: Context, { id }: { id: string }): Promise<void> {
  requirePermission(ctx.actor, "credential:write");
  const { repositoryId, repositoryName, previousVersion } = await findCredential(ctx, id);
  const audit = auditCall(ctx, {
    action: "credential.previous_erased",
    targetId: id,
    repositoryId,
    details: { repository: repositoryName },
  });
  const erased = await ctx.db.$queryRaw<unknown[]>(sql`
    WITH credential AS (
      UPDATE git_credential SET previous_version = NULL, previous_until = NULL
      WHERE id = ${id} AND previous_version = ${previousVersion}
      RETURNING id
    ), erased AS (
      DELETE FROM credential_secret USING credential
      WHERE credential_id = credential.id AND version = ${previousVersion}
    )
    SELECT ${audit} AS seq FROM credential`);
  if (erased.length === 0) throw new DomainError("no_previous", "There is no previous secret any more.");
}

const AT_ONCE = 1000;

/** Erases the previous secrets whose time is over, a bounded number at a time. Returns how many. */
export async function eraseExpired({ db, clock }: Pick<Context, "db" | "clock">): Promise<number> {
  const erased = await db.$queryRaw<unknown[]>(sql`
    WITH due AS (
      SELECT id, previous_version FROM git_credential WHERE previous_until <= ${clock()}::timestamptz
      ORDER BY previous_until LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
    ), credential AS (
      UPDATE git_credential SET previous_version = NULL, previous_until = NULL FROM due
      WHERE git_credential.id = due.id
      RETURNING due.id, due.previous_version
    )
    DELETE FROM credential_secret USING credential
    WHERE credential_id = credential.id AND version = credential.previous_version
    RETURNING version`);
  return erased.length;
}
