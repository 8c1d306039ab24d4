import type { AuditAction } from "@/lib/contract/audit-actions";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { AUDIT_SELECT, toAuditView, type AuditView } from "./audit-view";

export interface AuditFilter {
  action?: AuditAction;
  /** A member's e-mail address or a token's subject, whole. */
  actor?: string;
}

/** The organization's events before the number `before`, newest first, and whether there are older ones. */
export async function listAuditEvents(
  ctx: Context,
  input: AuditFilter & { before?: number; limit: number },
): Promise<{ events: AuditView[]; more: boolean }> {
  requirePermission(ctx.actor, "audit:read");
  const rows = await ctx.db.auditEvent.findMany({
    where: {
      organizationId: ctx.actor.organizationId,
      ...(input.action && { action: input.action }),
      ...(input.actor && { actor: input.actor }),
      ...(input.before !== undefined && { seq: { lt: input.before } }),
    },
    orderBy: { seq: "desc" },
    take: input.limit + 1,
    select: AUDIT_SELECT,
  });
  return { events: rows.slice(0, input.limit).map(toAuditView), more: rows.length > input.limit };
}
