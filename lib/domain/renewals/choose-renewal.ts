import { sqltag as sql } from "@prisma/client/runtime/client";
import { RENEWING_SCOPES } from "@/lib/contract/renewals";
import { requirePermission } from "../access/permissions";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import { findCredential } from "../credentials/find-credential";
import { DomainError } from "../errors";

/**
 * Turns the renewal of a credential's token on or off; on stays on through rotations. Throws as `findCredential`;
 * `conflict` where the host is not known to let the token in use renew itself.
 */
export async function chooseRenewal(ctx: Context, { id, on }: { id: string; on: boolean }): Promise<void> {
  requirePermission(ctx.actor, "credential:write");
  const { repositoryId, repositoryName } = await findCredential(ctx, id);
  const audit = auditCall(ctx, {
    action: on ? "credential.renewal_turned_on" : "credential.renewal_turned_off",
    targetId: id,
    repositoryId,
    details: { repository: repositoryName },
  });
  const changed = await ctx.db.$queryRaw<unknown[]>(sql`
    WITH credential AS (
      UPDATE git_credential SET renews = ${on}
      WHERE id = ${id} AND (
        NOT ${on}::boolean
        OR (token_scopes && ${[...RENEWING_SCOPES]}::text[] AND expires_at IS NOT NULL AND fingerprint IS NOT NULL)
      )
      RETURNING id
    )
    SELECT ${audit} AS seq FROM credential`);
  if (changed.length > 0) return;
  throw new DomainError(
    "conflict",
    "This token is not known to be one that may renew itself. Test it; if that does not help, rotate it with one that has self_rotate.",
  );
}
