import { timingSafeEqual } from "node:crypto";
import { raw, sqltag as sql } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";
import { keyCheckValue, type KeyRing } from "./key-ring";
import { SEALED_TABLES } from "./sealed-tables";

type Database = Context["db"] | Transaction;

/**
 * Compares the ring with the key-check values in the database. Throws an Error of one sentence when a key is not the one
 * that was used under its id, or when a key that secrets are sealed under is missing. Writes nothing, and understands a
 * database that has not got its newest migrations yet, or none at all.
 */
export async function checkMasterKeys(db: Database, ring: KeyRing): Promise<void> {
  const known = await knownKeys(db);
  for (const { keyId, sealed } of known) {
    const key = ring.get(keyId);
    if (!key) continue;
    const value = keyCheckValue(key);
    if (sealed.length !== value.length || !timingSafeEqual(sealed, value)) {
      throw new Error(`Master key "${keyId}" is not the key that this database was used with. Nothing was changed.`);
    }
  }
  const missing = known.map(({ keyId }) => keyId).filter((keyId) => !ring.get(keyId));
  const used = await firstUsed(db, missing);
  if (used !== undefined) {
    throw new Error(
      `Secrets are sealed under master key "${used}", which is not configured. Add it. Nothing was changed.`,
    );
  }
  if (known.length > 0 && missing.length === known.length) {
    throw new Error(
      "None of the configured master keys was ever used with this database. Is this the right key file? Nothing was changed.",
    );
  }
}

/** Whether any master key was ever used with this database. */
export async function wasUsedWithKeys(db: Database): Promise<boolean> {
  return (await knownKeys(db)).length > 0;
}

async function knownKeys(db: Database): Promise<{ keyId: string; sealed: Uint8Array }[]> {
  if (!(await exists(db, "master_key_check"))) return [];
  return db.$queryRaw(sql`SELECT key_id AS "keyId", sealed FROM master_key_check ORDER BY key_id LIMIT 1000`);
}

async function firstUsed(db: Database, keyIds: string[]): Promise<string | undefined> {
  if (keyIds.length === 0) return undefined;
  for (const { name } of SEALED_TABLES) {
    if (!(await exists(db, name))) continue;
    const [row] = await db.$queryRaw<{ master_key_id: string }[]>(
      sql`SELECT master_key_id FROM ${raw(name)} WHERE master_key_id = ANY(${keyIds}::text[]) LIMIT 1`,
    );
    if (row) return row.master_key_id;
  }
  return undefined;
}

async function exists(db: Database, table: string): Promise<boolean> {
  const [row] = await db.$queryRaw<{ there: boolean }[]>(sql`SELECT to_regclass(${table}) IS NOT NULL AS there`);
  return row!.there;
}
