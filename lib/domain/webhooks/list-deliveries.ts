import type { DeliveryReason, DeliveryRow } from "@/lib/contract/webhooks";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";

/** One numbered page of a webhook's deliveries, newest first, and how many there are. The webhook must be the actor's. */
export async function listDeliveries(
  ctx: Context,
  { webhookId, page, pageSize }: { webhookId: string; page: number; pageSize: number },
): Promise<{ rows: DeliveryRow[]; total: number }> {
  requirePermission(ctx.actor, "webhook:read");
  const where = { webhookId, webhook: { organizationId: ctx.actor.organizationId } };
  const [total, rows] = await Promise.all([
    ctx.db.webhookDelivery.count({ where }),
    ctx.db.webhookDelivery.findMany({
      where,
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      skip: (page - 1) * pageSize,
      take: pageSize,
      select: {
        id: true,
        event: true,
        createdAt: true,
        state: true,
        attempts: true,
        lastAttemptAt: true,
        status: true,
        reason: true,
      },
    }),
  ]);
  return { rows: rows.map((row) => ({ ...row, reason: row.reason as DeliveryReason | null })), total };
}
