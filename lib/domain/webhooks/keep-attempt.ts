import { sqltag as sql } from "@prisma/client/runtime/client";
import type { DeliveryState } from "@/lib/contract/webhooks";
import type { Context, Transaction } from "../context";
import { MOST_WAITING } from "./announce";
import type { Attempt } from "./post-delivery";

/** Attempts in a row without a yes, after which deliveries stop. */
export const MAX_FAILURES = 50;
export const KEPT_DELIVERIES = 200;
/** A webhook that was paused since too much waited goes on with fewer than these, and not with one less. */
const STILL_MANY = MOST_WAITING / 2;

/**
 * Keeps what an attempt met, at the delivery and at its webhook: a yes ends a row of failures, and any pause unless many
 * still wait; many failures in a row stop the webhook, with everything that still waits for it. Returns the delivery's state.
 */
export async function keepAttempt(
  ctx: Pick<Context, "db" | "clock">,
  { id, webhookId, attempt, final }: { id: string; webhookId: string; attempt: Attempt; final: boolean },
): Promise<DeliveryState> {
  const { status, reason } = attempt;
  const yes = status !== null && status >= 200 && status < 300;
  const state: DeliveryState = yes ? "delivered" : final ? "given_up" : "waiting";
  const now = ctx.clock();
  return ctx.db.$transaction(async (tx) => {
    await tx.webhookDelivery.updateMany({
      where: { id },
      data: { state, status, reason, attempts: { increment: 1 }, lastAttemptAt: now },
    });
    const [webhook] = await tx.$queryRaw<{ stopped: boolean }[]>(sql`
      UPDATE webhook SET
        failures = CASE WHEN ${yes} THEN 0 ELSE failures + 1 END,
        paused_at = CASE
          WHEN ${yes} THEN CASE WHEN paused_at IS NOT NULL AND (
            SELECT count(*) FROM (
              SELECT FROM webhook_delivery WHERE webhook_id = ${webhookId} AND state = 'waiting' LIMIT ${STILL_MANY}::int
            ) AS line
          ) >= ${STILL_MANY}::int THEN paused_at END
          WHEN failures + 1 >= ${MAX_FAILURES} THEN coalesce(paused_at, ${now}::timestamptz)
          ELSE paused_at
        END
      WHERE id = ${webhookId}
      RETURNING failures >= ${MAX_FAILURES} AS stopped`);
    if (webhook?.stopped) await giveUpWaiting(tx, webhookId);
    await tx.$executeRaw(sql`
      DELETE FROM webhook_delivery WHERE webhook_id = ${webhookId} AND state <> 'waiting' AND (created_at, id) < (
        SELECT created_at, id FROM webhook_delivery WHERE webhook_id = ${webhookId}
        ORDER BY created_at DESC, id DESC OFFSET ${KEPT_DELIVERIES - 1} LIMIT 1
      )`);
    return webhook?.stopped && state === "waiting" ? "given_up" : state;
  });
}

/** A delivery that was tried keeps what it met; one that was not says why it will not be. */
async function giveUpWaiting(tx: Transaction, webhookId: string): Promise<void> {
  await tx.$executeRaw(sql`
    UPDATE webhook_delivery SET state = 'given_up', reason = CASE WHEN attempts = 0 THEN 'paused' ELSE reason END
    WHERE webhook_id = ${webhookId} AND state = 'waiting'`);
}
