import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context } from "../context";

/** Longer than a host is asked for, and than a new token ever takes to go round. */
const ASKING_MS = 2 * 60_000;
const GOING_ROUND_MS = 15 * 60_000;

/**
 * Whether the token with this fingerprint is being renewed at this moment: its host may have ended it already, and the new
 * one is not everywhere yet.
 */
export async function isBeingRenewed(
  { db, clock }: Pick<Context, "db" | "clock">,
  { organizationId, fingerprint }: { organizationId: string; fingerprint: Uint8Array },
): Promise<boolean> {
  const since = (ms: number) => sql`${new Date(clock().getTime() - ms)}::timestamptz`;
  const rows = await db.$queryRaw<unknown[]>(sql`
    SELECT x.id FROM renewal x LEFT JOIN rotation r ON r.id = x.id
    WHERE x.organization_id = ${organizationId} AND x.fingerprint = ${fingerprint} AND (
      (x.ended_at IS NULL AND x.asked_at > ${since(ASKING_MS)})
      OR (r.finished_at IS NULL AND r.created_at > ${since(GOING_ROUND_MS)})
    ) LIMIT 1`);
  return rows.length > 0;
}
