import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";
import type { WebhookEvent } from "@/lib/contract/webhooks";
import type { Context, Transaction } from "../context";
import { keptNotices } from "../notices/keep-notice";
import { deliveryJobCall, pauseJobCall } from "./enqueue-delivery";

/** Deliveries that wait for one webhook: its receiver is far slower than what happens, so it is paused. */
export const MOST_WAITING = 10_000;

/** An event: its body on the wire, and for those that people are told of, a sentence about the repository. */
export interface Announcement {
  event: { type: WebhookEvent; repository: { id: string; url: string }; [field: string]: unknown };
  says?: string;
}

/**
 * Has an event delivered to every webhook of the actor's organization that wants it, and kept for the next message to
 * everybody who does: nothing is lost between what happened and the queue where both are in one transaction. Where too much
 * waits for a webhook this is not kept for it, and the worker is told to pause it: what waits is still sent.
 */
export async function announce(
  tx: Transaction,
  ctx: Pick<Context, "actor" | "clock" | "mailFrom">,
  announcement: Announcement,
): Promise<void> {
  await tx.$queryRaw(sql`WITH ${announcedBy(ctx, announcement, sql`true`)} SELECT count(*) FROM announced`);
}

/**
 * The same as parts of a statement's WITH, for what must not take a second one: it holds where `happened` does, and only
 * if the statement reads `announced`.
 */
export function announcedBy(
  ctx: Pick<Context, "actor" | "clock" | "mailFrom">,
  { event, says }: Announcement,
  happened: Sql,
): Sql {
  const [kept, queued] =
    says === undefined
      ? [sql``, sql``]
      : [keptNotices(ctx, { event, says }, happened), sql`UNION ALL SELECT job FROM notice_job`];
  return sql`
    wanting AS (
      SELECT w.id, (
        SELECT count(*) FROM (
          SELECT FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting' LIMIT ${MOST_WAITING}::int
        ) AS line
      ) >= ${MOST_WAITING}::int AS is_full
      FROM webhook w
      WHERE w.organization_id = ${ctx.actor.organizationId} AND w.format = 'signed' AND ${event.type} = ANY (w.events)
        AND w.paused_at IS NULL AND ${happened}
    ), delivery AS (
      INSERT INTO webhook_delivery (id, webhook_id, event, payload, created_at)
      SELECT 'dlv_' || left(replace(gen_random_uuid()::text, '-', ''), 24), wanting.id, ${event.type},
        ${JSON.stringify(event)}, ${ctx.clock()}::timestamptz
      FROM wanting WHERE NOT is_full
      RETURNING id, webhook_id
    )${kept}, announced AS MATERIALIZED (
      SELECT ${deliveryJobCall(sql`delivery.id`, sql`delivery.webhook_id`)} AS job FROM delivery
      UNION ALL SELECT ${pauseJobCall(sql`full_one.id`)} FROM (SELECT id FROM wanting WHERE is_full ORDER BY id) AS full_one
      ${queued}
    )`;
}
