import { sqltag as sql } from "@prisma/client/runtime/client";
import type { WebhookEvent } from "@/lib/contract/webhooks";
import type { Context, Transaction } from "../context";
import { deliveryJobCall } from "./enqueue-delivery";

/** An event's body on the wire. */
export interface Announcement {
  type: WebhookEvent;
  [field: string]: unknown;
}

/**
 * Has an event delivered to every webhook of the actor's organization that wants it: nothing is lost between what
 * happened and the queue where both are in one transaction.
 */
export async function announce(
  tx: Transaction,
  ctx: Pick<Context, "actor" | "clock">,
  event: Announcement,
): Promise<void> {
  await tx.$queryRaw(sql`
    WITH delivery AS (
      INSERT INTO webhook_delivery (id, webhook_id, event, payload, created_at)
      SELECT 'dlv_' || left(replace(gen_random_uuid()::text, '-', ''), 24), w.id, ${event.type}, ${JSON.stringify(event)},
        ${ctx.clock()}::timestamptz
      FROM webhook w
      WHERE w.organization_id = ${ctx.actor.organizationId} AND ${event.type} = ANY (w.events) AND w.paused_at IS NULL
      RETURNING id, webhook_id
    )
    SELECT ${deliveryJobCall(sql`delivery.id`, sql`delivery.webhook_id`)} FROM delivery`);
}
