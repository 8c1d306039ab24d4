import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context } from "../context";
import { STILL_MANY } from "./keep-attempt";
import { recordPause } from "./record-pause";

/** What the worker is told of a webhook for which too much waits. */
export interface PauseJob {
  webhookId: string;
}

/**
 * Pauses a webhook for which still many deliveries wait, and records it. Returns whether it did: not where it is gone,
 * paused already, or fewer wait by now, since with none left nothing would wake it.
 */
export function pauseFullWebhook(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  { webhookId }: PauseJob,
): Promise<boolean> {
  return ctx.db.$transaction(async (tx) => {
    const [webhook] = await tx.$queryRaw<{ organizationId: string; organizationSlug: string; url: string }[]>(sql`
      UPDATE webhook w SET paused_at = ${ctx.clock()}::timestamptz FROM organization o
      WHERE w.id = ${webhookId} AND w.paused_at IS NULL AND o.id = w.organization_id AND (
        SELECT count(*) FROM (
          SELECT FROM webhook_delivery WHERE webhook_id = ${webhookId} AND state = 'waiting' LIMIT ${STILL_MANY}::int
        ) AS line
      ) >= ${STILL_MANY}::int
      RETURNING o.id AS "organizationId", o.slug AS "organizationSlug", w.url`);
    if (!webhook) return false;
    await recordPause(tx, ctx, { id: webhookId, ...webhook }, "webhook.paused");
    return true;
  });
}
