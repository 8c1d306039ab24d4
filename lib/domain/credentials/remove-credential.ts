import { sqltag as sql } from "@prisma/client/runtime/client";
import { requirePermission } from "../access/permissions";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import { credentialNotFound, findCredential } from "./find-credential";

export interface RemoveCredentialInput {
  id: string;
  /** Where the path names a repository, the credential must be that one's. */
  repositoryId?: string;
}

/** Erases a credential and its secret. Throws `not_found`. */
export async function removeCredential(ctx: Context, input: RemoveCredentialInput): Promise<void> {
  requirePermission(ctx.actor, "credential:write");
  const credential = await findCredential(ctx, input.id, input.repositoryId);
  const audit = auditCall(ctx, {
    action: "credential.removed",
    targetId: credential.id,
    repositoryId: credential.repositoryId,
    details: { repository: credential.repositoryName },
  });
  const removed = await ctx.db.$queryRaw<unknown[]>(sql`
    WITH credential AS (DELETE FROM git_credential WHERE id = ${credential.id} RETURNING id)
    SELECT ${audit} AS seq FROM credential`);
  if (removed.length === 0) throw credentialNotFound();
}
