import { raw, sqltag as sql } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";
import { SEALED_TABLES } from "./sealed-tables";

/** How many secrets are sealed under each master key that seals any, by the key's id. */
export async function countSealed(db: Context["db"] | Transaction): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { name } of SEALED_TABLES) {
    const rows = await db.$queryRaw<{ key_id: string; count: bigint }[]>(
      sql`SELECT master_key_id AS key_id, count(*) FROM ${raw(name)} GROUP BY master_key_id`,
    );
    for (const { key_id: keyId, count } of rows) counts.set(keyId, (counts.get(keyId) ?? 0) + Number(count));
  }
  return counts;
}
