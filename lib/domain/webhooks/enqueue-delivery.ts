import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";

/** What the worker is told of a delivery. */
export interface DeliveryJob {
  deliveryId: string;
}

/** With the queue's growing pauses the last attempt is about four hours after the first. */
const MAX_ATTEMPTS = 10;
/** Deliveries to one webhook go one after the other, so one that hangs holds up few others. */
const QUEUES = 64;

/** Puts deliveries into the job queue: a call for each row of a statement that has made them. */
export function deliveryJobCall(deliveryId: Sql, webhookId: Sql): Sql {
  return sql`(graphile_worker.add_job(
    'deliver_webhook', json_build_object('deliveryId', ${deliveryId}),
    queue_name := 'webhook-' || (abs(hashtext(${webhookId})::bigint) % ${QUEUES}::int)::text,
    max_attempts := ${MAX_ATTEMPTS}::int
  )).id::text`;
}

/** Has the worker pause a webhook, as a call for each row of a statement: this transaction may not wait for the webhook's row. */
export function pauseJobCall(webhookId: Sql): Sql {
  return sql`(graphile_worker.add_job(
    'pause_webhook', json_build_object('webhookId', ${webhookId}), job_key := 'pause_webhook:' || ${webhookId}
  )).id::text`;
}
