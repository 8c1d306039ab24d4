import { raw } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";
import { SEALED_TABLES, type SealedTable } from "./sealed-tables";

/** How many secrets are sealed under each master key that seals any, by the key's id. */
export async function countSealed(db: Context["db"] | Transaction): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ key: string; secrets: number }[]>(raw(sealedByKey(SEALED_TABLES)));
  return new Map(rows.map(({ key, secrets }) => [key, secrets]));
}

/** The query for it, over these tables: `key` and `secrets`. */
export function sealedByKey(tables: readonly SealedTable[]): string {
  const counts = tables.map(
    // What a rotation or an import has erased is sealed under nothing.
    ({ name }) => `
      SELECT master_key_id, count(*) AS secrets FROM ${name} WHERE master_key_id IS NOT NULL GROUP BY master_key_id`,
  );
  return `SELECT master_key_id AS key, sum(secrets)::int AS secrets FROM (${counts.join(" UNION ALL ")}) AS each GROUP BY master_key_id`;
}
