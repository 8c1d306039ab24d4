import { sqltag as sql } from "@prisma/client/runtime/client";
import { EXPIRY_NOTICE_DAYS } from "@/lib/contract/attention";
import type { Context } from "../context";
import { announce } from "../webhooks/announce";

const AT_ONCE = 100;

interface Expiring {
  id: string;
  days: number;
  expires_at: Date;
  repository_id: string;
  repository_name: string;
  organization_id: string;
  organization_slug: string;
}

/**
 * Tells webhooks and people of tokens that end within 30, 14, 7 or 1 days, once at each mark; one that was found late is told
 * at its nearest mark only. A bounded number at a time. Returns how many were told.
 */
export async function announceExpiring(ctx: Omit<Context, "actor">): Promise<number> {
  const now = ctx.clock();
  return ctx.db.$transaction(async (tx) => {
    const due = await tx.$queryRaw<Expiring[]>(sql`
      WITH due AS (
        SELECT c.id, (
          SELECT min(mark) FROM unnest(${[...EXPIRY_NOTICE_DAYS]}::int[]) AS mark
          WHERE c.expires_at <= ${now}::timestamptz + mark * interval '1 day'
        ) AS days
        FROM git_credential c
        WHERE c.expires_at > ${now}::timestamptz
          AND c.expires_at <= ${now}::timestamptz + ${Math.max(...EXPIRY_NOTICE_DAYS)}::int * interval '1 day'
      ), told AS (
        SELECT c.id, due.days FROM git_credential c JOIN due ON due.id = c.id
        WHERE coalesce(c.expiry_told_days, 1000) > due.days
        ORDER BY c.expires_at LIMIT ${AT_ONCE} FOR UPDATE OF c SKIP LOCKED
      )
      UPDATE git_credential c SET expiry_told_days = told.days
      FROM told, repository r, organization o
      WHERE c.id = told.id AND r.id = c.repository_id AND o.id = r.organization_id
      RETURNING c.id, told.days, c.expires_at, r.id AS repository_id, r.name AS repository_name,
        o.id AS organization_id, o.slug AS organization_slug`);
    // In the order that all workers keep, so that none waits for another that waits for it.
    due.sort((a, b) => (a.organization_id < b.organization_id ? -1 : 1));
    for (const row of due) {
      const actor = {
        kind: "system",
        name: "expiry",
        organizationId: row.organization_id,
        organizationSlug: row.organization_slug,
      } as const;
      await announce(
        tx,
        { ...ctx, actor },
        {
          event: {
            type: "credential.expiring",
            repository: { id: row.repository_id, url: row.repository_name },
            credential: { id: row.id },
            expires_at: row.expires_at.toISOString(),
            days_left: row.days,
          },
          says: expirySentence(row),
        },
      );
    }
    return due.length;
  });
}

function expirySentence({ days, expires_at }: Expiring): string {
  const day = expires_at.toISOString().slice(0, 10);
  return `The token ends on ${day}, within ${days === 1 ? "a day" : `${days} days`}. Rotate it before.`;
}
