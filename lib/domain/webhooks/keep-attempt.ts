import { sqltag as sql } from "@prisma/client/runtime/client";
import type { DeliveryState } from "@/lib/contract/webhooks";
import type { Context, Transaction } from "../context";
import { MOST_WAITING } from "./announce";
import type { Attempt } from "./post-delivery";
import { recordPause } from "./record-pause";

/** Attempts in a row without a yes, after which deliveries stop. */
export const MAX_FAILURES = 50;
export const KEPT_DELIVERIES = 200;
/** A webhook that was paused since too much waited goes on with fewer than these, and not with one less. */
export const STILL_MANY = MOST_WAITING / 2;

/**
 * Keeps what an attempt met, at the delivery and at its webhook: a yes ends a row of failures, and any pause unless many
 * still wait; many failures in a row stop the webhook, with everything that still waits for it. Returns the delivery's state.
 */
export async function keepAttempt(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  { id, webhookId, attempt, final }: { id: string; webhookId: string; attempt: Attempt; final: boolean },
): Promise<DeliveryState> {
  const { status, reason } = attempt;
  const yes = status !== null && status >= 200 && status < 300;
  const state: DeliveryState = yes ? "delivered" : final ? "given_up" : "waiting";
  const now = ctx.clock();
  return ctx.db.$transaction(async (tx) => {
    // The webhook before its deliveries, and before the audit chain: as its removal takes them.
    const webhook = await count(tx, webhookId, { id, yes, now });
    await tx.webhookDelivery.updateMany({
      where: { id },
      data: { state, status, reason, attempts: { increment: 1 }, lastAttemptAt: now },
    });
    if (webhook?.stopped) await giveUpWaiting(tx, webhookId);
    await tx.$executeRaw(sql`
      DELETE FROM webhook_delivery WHERE webhook_id = ${webhookId} AND state <> 'waiting' AND (created_at, id) < (
        SELECT created_at, id FROM webhook_delivery WHERE webhook_id = ${webhookId}
        ORDER BY created_at DESC, id DESC OFFSET ${KEPT_DELIVERIES - 1} LIMIT 1
      )`);
    if (webhook && webhook.paused !== webhook.wasPaused) {
      const action = webhook.paused ? "webhook.paused" : "webhook.resumed";
      await recordPause(tx, ctx, { id: webhookId, ...webhook }, action);
    }
    return webhook?.stopped && state === "waiting" ? "given_up" : state;
  });
}

interface Counted {
  organizationId: string;
  organizationSlug: string;
  url: string;
  paused: boolean;
  wasPaused: boolean;
  /** After so many failures, not for what waits. */
  stopped: boolean;
}

/** Undefined where the webhook is gone. */
async function count(
  tx: Transaction,
  webhookId: string,
  { id, yes, now }: { id: string; yes: boolean; now: Date },
): Promise<Counted | undefined> {
  const [webhook] = await tx.$queryRaw<Counted[]>(sql`
    WITH before AS (SELECT id, paused_at FROM webhook WHERE id = ${webhookId} FOR NO KEY UPDATE)
    UPDATE webhook w SET
      failures = CASE WHEN ${yes} THEN 0 ELSE w.failures + 1 END,
      paused_at = CASE
        WHEN ${yes} THEN CASE WHEN w.paused_at IS NOT NULL AND (
          SELECT count(*) FROM (
            SELECT FROM webhook_delivery
            WHERE webhook_id = ${webhookId} AND state = 'waiting' AND id <> ${id} LIMIT ${STILL_MANY}::int
          ) AS line
        ) >= ${STILL_MANY}::int THEN w.paused_at END
        WHEN w.failures + 1 >= ${MAX_FAILURES} THEN coalesce(w.paused_at, ${now}::timestamptz)
        ELSE w.paused_at
      END
    FROM before, organization o
    WHERE w.id = before.id AND o.id = w.organization_id
    RETURNING o.id AS "organizationId", o.slug AS "organizationSlug", w.url,
      w.paused_at IS NOT NULL AS paused, before.paused_at IS NOT NULL AS "wasPaused",
      w.failures >= ${MAX_FAILURES} AS stopped`);
  return webhook;
}

/** A delivery that was tried keeps what it met; one that was not says why it will not be. */
async function giveUpWaiting(tx: Transaction, webhookId: string): Promise<void> {
  await tx.$executeRaw(sql`
    UPDATE webhook_delivery SET state = 'given_up', reason = CASE WHEN attempts = 0 THEN 'paused' ELSE reason END
    WHERE webhook_id = ${webhookId} AND state = 'waiting'`);
}
