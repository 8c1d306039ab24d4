import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Transaction } from "../context";

/**
 * How many renewals there are whose new token may be sealed on the disk of an instance and not in the database: those
 * without an end, and those that were cut off while a credential still has the old token.
 */
export async function countUnstored(tx: Transaction): Promise<number> {
  const [row] = await tx.$queryRaw<{ renewals: number }[]>(sql`
    SELECT count(*)::int AS renewals FROM renewal x
    WHERE x.ended_at IS NULL OR (x.outcome = 'cut_off' AND EXISTS (
      SELECT FROM git_credential c JOIN repository r ON r.id = c.repository_id
      WHERE r.organization_id = x.organization_id AND c.fingerprint = x.fingerprint
    ))`);
  return row!.renewals;
}
