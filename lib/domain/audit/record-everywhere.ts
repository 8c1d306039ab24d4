import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";
import type { AuditEvent } from "./audit-event";
import { auditRow } from "./record-audit";

/**
 * Records what concerns the whole installation in the chain of every organization, inside the caller's transaction: in
 * one statement, since all of them are held from then on, and in the order of `lockChains`. `by` names the command or
 * process.
 */
export async function recordEverywhere(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId">,
  by: string,
  event: (organizationId: string) => AuditEvent,
): Promise<void> {
  const organizations = await tx.organization.findMany({ select: { id: true, slug: true } });
  const rows = organizations.map(({ id: organizationId, slug: organizationSlug }) => {
    const actor = { kind: "system", name: by, organizationId, organizationSlug } as const;
    return auditRow({ ...ctx, address: null, actor }, event(organizationId));
  });
  await tx.$queryRaw(sql`
    SELECT count(append_audit_event(organization, id, at, action, actor_kind, actor, target_kind, target_id, repository_id, payload))
    FROM (
      SELECT * FROM json_to_recordset(${JSON.stringify(rows)}::json) AS row (
        organization text, id text, at timestamptz, action text, actor_kind text, actor text,
        target_kind text, target_id text, repository_id text, payload text
      ) ORDER BY organization
    ) AS ordered`);
}
