import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { AUDIT_SELECT, toAuditView, type AuditView } from "./audit-view";

/** The newest events that concern one repository and its credential. Everybody who sees the repository sees them. */
export async function listRepositoryHistory(
  ctx: Context,
  input: { repositoryId: string; limit: number },
): Promise<AuditView[]> {
  requirePermission(ctx.actor, "repository:read");
  const rows = await ctx.db.auditEvent.findMany({
    where: { organizationId: ctx.actor.organizationId, repositoryId: input.repositoryId },
    orderBy: { seq: "desc" },
    take: input.limit,
    select: AUDIT_SELECT,
  });
  return rows.map(toAuditView);
}
