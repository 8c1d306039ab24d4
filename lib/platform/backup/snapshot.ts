import pg from "pg";
import { sealedByKey } from "@/lib/domain/vault/count-sealed";
import { keyCheckValue, type KeyRing, type MasterKey } from "@/lib/domain/vault/key-ring";
import { SEALED_TABLES } from "@/lib/domain/vault/sealed-tables";
import type { Migration } from "@/lib/platform/database/apply-migrations";
import { BACKED_UP } from "./backed-up-tables";
import { BackupRefused } from "./backup-refused";
import type { Manifest } from "./manifest";

const UNDEFINED_TABLE = "42P01";

/**
 * Begins a transaction that sees all tables as of one moment; their form is locked before that moment. Returns the
 * migrations that made them. Throws `BackupRefused` where those are not this program's.
 */
export async function beginSnapshot(client: pg.Client, shipped: Migration[]): Promise<Manifest["migrations"]> {
  const names = BACKED_UP.map((name) => pg.escapeIdentifier(name)).join(", ");
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    await client.query(`LOCK TABLE ${names} IN ACCESS SHARE MODE`);
    const { rows } = await client.query<{ name: string }>(
      "SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
    );
    const applied = new Set(rows.map(({ name }) => name));
    if (applied.size === shipped.length && shipped.every(({ name }) => applied.has(name))) {
      return shipped.map(({ name, checksum }) => ({ name, checksum }));
    }
  } catch (error) {
    if ((error as { code?: string }).code !== UNDEFINED_TABLE) throw error;
  }
  throw new BackupRefused("The database is not at this program's version. Start Latchkey once, then back up again.");
}

/** The columns of each table, as they were made. */
export async function columnsOf(client: pg.Client, tables: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `SELECT table_name AS table, array_agg(column_name::text ORDER BY ordinal_position) AS columns
     FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ANY ($1)
     GROUP BY table_name`,
    [tables],
  );
  return new Map(rows.map(({ table, columns }) => [table, columns]));
}

/**
 * The keys that the database's secrets need, and one of those at hand that it was used with. Throws `BackupRefused`
 * where there is none.
 */
export async function keysOf(client: pg.Client, ring: KeyRing): Promise<{ keys: Manifest["keys"]; signer: MasterKey }> {
  const taken: readonly string[] = BACKED_UP;
  const sealing = sealedByKey(SEALED_TABLES.filter(({ name }) => taken.includes(name)));
  const { rows } = await client.query<{ id: string; sealed: Buffer; secrets: number }>(
    `SELECT key_id AS id, sealed, coalesce(secrets, 0) AS secrets
     FROM master_key_check LEFT JOIN (${sealing}) AS sealing ON key = key_id ORDER BY created_at, key_id`,
  );
  const known = rows.map(({ id, sealed, secrets }) => ({ id, check: sealed.toString("hex"), secrets }));
  const checks = new Map(known.map(({ id, check }) => [id, check]));
  const signer = ring.all.find((key) => checks.get(key.id) === keyCheckValue(key).toString("hex"));
  if (!signer) throw new BackupRefused("None of the master keys at hand was ever used with this database.");
  return { keys: known.filter(({ id, secrets }) => secrets > 0 || id === signer.id), signer };
}
