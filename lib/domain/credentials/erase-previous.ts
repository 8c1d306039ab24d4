import { sqltag as sql } from "@prisma/client/runtime/client";
import { requirePermission } from "../access/permissions";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { findCredential } from "./find-credential";

/** Erases the secret before the current one at once. Throws as `findCredential`, and `no_previous`. */
export async function erasePrevious(ctx: Context, { id }: { id: string }): Promise<void> {
  requirePermission(ctx.actor, "credential:write");
  const { repositoryId, repositoryName, previousVersion: version } = await findCredential(ctx, id);
  if (version === null || !(await erase(ctx, { id, repositoryId, repositoryName, version }))) {
    throw new DomainError("no_previous", "There is no previous secret any more.");
  }
}

interface Previous {
  id: string;
  repositoryId: string;
  repositoryName: string;
  version: number;
}

/** False where it is the previous one no more. */
async function erase(ctx: Context, { id, repositoryId, repositoryName, version }: Previous): Promise<boolean> {
  const audit = auditCall(ctx, {
    action: "credential.previous_erased",
    targetId: id,
    repositoryId,
    details: { repository: repositoryName },
  });
  const erased = await ctx.db.$queryRaw<unknown[]>(sql`
    WITH credential AS (
      UPDATE git_credential SET previous_version = NULL, previous_until = NULL
      WHERE id = ${id} AND previous_version = ${version}
      RETURNING id
    ), erased AS (
      DELETE FROM credential_secret USING credential
      WHERE credential_id = credential.id AND version = ${version}
    )
    SELECT ${audit} AS seq FROM credential`);
  return erased.length > 0;
}

const AT_ONCE = 1000;

/** Erases the previous secrets whose time is over, a bounded number at a time. Returns how many. */
export async function eraseExpired(base: Omit<Context, "actor">): Promise<number> {
  const due = await base.db.$queryRaw<(Previous & { organizationId: string; organizationSlug: string })[]>(sql`
    SELECT c.id, c.previous_version AS version, r.id AS "repositoryId", r.name AS "repositoryName",
      o.id AS "organizationId", o.slug AS "organizationSlug"
    FROM git_credential c JOIN repository r ON r.id = c.repository_id JOIN organization o ON o.id = r.organization_id
    WHERE c.previous_until <= ${base.clock()}::timestamptz
    ORDER BY c.previous_until LIMIT ${AT_ONCE}`);
  let erased = 0;
  for (const { organizationId, organizationSlug, ...previous } of due) {
    const actor = { kind: "system", name: "end of time", organizationId, organizationSlug } as const;
    if (await erase({ ...base, actor }, previous)) erased += 1;
  }
  return erased;
}
