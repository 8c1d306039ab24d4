import type { Context, Transaction } from "../context";
import type { AuditEvent } from "./audit-event";
import { recordAudit } from "./record-audit";

/**
 * Records what concerns the whole installation in the chain of every organization, inside the caller's transaction and
 * always in the same order, so that two such acts cannot wait for each other's chains. `by` names the command or process.
 */
export async function recordEverywhere(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId">,
  by: string,
  event: (organizationId: string) => AuditEvent,
): Promise<void> {
  const organizations = await tx.organization.findMany({ orderBy: { id: "asc" }, select: { id: true, slug: true } });
  for (const { id, slug } of organizations) {
    const actor = { kind: "system", name: by, organizationId: id, organizationSlug: slug } as const;
    await recordAudit(tx, { ...ctx, address: null, actor }, event(id));
  }
}
