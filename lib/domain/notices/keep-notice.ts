import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";
import { NOTICES_AT_FIRST } from "@/lib/contract/notices";
import { wishingUser } from "../access/actor";
import type { Context } from "../context";
import { noticeJobCall } from "./enqueue-notice";

/** So many are named in one message; of the others it says how many there are. */
export const MOST_ITEMS = 20;

/** What happened at one repository, in a sentence for people. */
export interface NoticeItem {
  repository: string;
  says: string;
}

/**
 * Parts of a statement's WITH that keep an event for the next message to each member and each Slack address that wants
 * it, with `notice_job` for the queue. Nobody is told of what they did themselves, and nobody by mail while it is off.
 * The rows are written in the order of their recipients, so that two such statements do not wait for each other.
 */
export function keptNotices(
  { actor, clock, mailFrom }: Pick<Context, "actor" | "clock" | "mailFrom">,
  { event, says }: { event: { type: string; repository: { url: string } }; says: string },
  happened: Sql,
): Sql {
  const { organizationId } = actor;
  const item: NoticeItem = { repository: event.repository.url, says };
  return sql`, recipient AS (
      SELECT m.user_id AS id
      FROM membership m
      LEFT JOIN notice_choice c ON c.organization_id = m.organization_id AND c.user_id = m.user_id
      WHERE ${mailFrom !== null} AND m.organization_id = ${organizationId}
        AND m.user_id IS DISTINCT FROM ${wishingUser(actor)}
        AND ${event.type} = ANY (
          CASE
            WHEN c.user_id IS NOT NULL THEN c.events
            WHEN m.role IN ('owner', 'admin') THEN ${[...NOTICES_AT_FIRST]}::text[]
          END
        )
      UNION ALL
      SELECT w.id FROM webhook w
      WHERE w.organization_id = ${organizationId} AND w.format = 'slack' AND ${event.type} = ANY (w.events)
        AND w.paused_at IS NULL
    ), kept AS (
      INSERT INTO notice AS held (organization_id, recipient, event, items, count)
      SELECT ${organizationId}, id, ${event.type}, ${JSON.stringify([item])}::jsonb, 1 FROM recipient
      WHERE ${happened} ORDER BY id
      ON CONFLICT (organization_id, recipient, event) DO UPDATE SET
        items = CASE WHEN held.count < ${MOST_ITEMS} THEN held.items || EXCLUDED.items ELSE held.items END,
        count = held.count + 1
      RETURNING recipient, told_at
    ), notice_job AS MATERIALIZED (
      SELECT ${noticeJobCall(
        { organizationId, event: event.type, now: clock() },
        { recipient: sql`kept.recipient`, toldAt: sql`kept.told_at` },
      )} AS job FROM kept
    )`;
}
