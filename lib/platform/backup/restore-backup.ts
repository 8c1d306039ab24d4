import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { KeyRing } from "@/lib/domain/vault/key-ring";
import {
  applyMigrations,
  applyWithin,
  MIGRATION_LOCK,
  shippedMigrations,
  type Migration,
} from "@/lib/platform/database/apply-migrations";
import { BACKED_UP, LEFT_OUT } from "./backed-up-tables";
import { BackupRefused } from "./backup-refused";
import { connect, heardElsewhere } from "./connect";
import type { Manifest } from "./manifest";
import { proveRestored, type Proof } from "./prove-restored";
import type { Backup } from "./read-backup";
import { recordRestore } from "./record-restore";

const MIGRATIONS = "_prisma_migrations";
const JOBS = "graphile_worker._private_jobs";

interface Target {
  connectionString: string;
  ring: KeyRing;
  /** Whether secrets that do not open, and audit chains that are broken, are taken as they are. */
  acceptDamage: boolean;
  signal?: AbortSignal;
  /** What this program ships; tests add to it. */
  migrations?: Migration[];
}

/**
 * Loads a backup into an empty database: the schema that it was made with, then, in one transaction, its rows, the
 * migrations since, the proof that it can be read with the keys at hand, and an audit event. Throws `BackupRefused`
 * having loaded nothing where the target holds anything, where this program does not know the backup's schema, and where
 * the proof fails.
 */
export async function restoreBackup(backup: Backup, target: Target): Promise<Proof> {
  const { connectionString, migrations = shippedMigrations() } = target;
  const { before, since } = splitMigrations(backup.manifest, migrations);
  const client = await connect(connectionString);
  try {
    await requireEmpty(client, before);
    await applyMigrations(connectionString, before);
    // Whoever starts Latchkey on this database meanwhile waits here, and finds it restored.
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query("BEGIN");
    await requireEmpty(client, before);
    for (const table of backup.manifest.tables) {
      const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(", ");
      const rows = client.query(copyFrom(`COPY ${pg.escapeIdentifier(table.name)} (${columns}) FROM STDIN`));
      rows.on("error", heardElsewhere);
      await backup.read(table, rows, target.signal);
    }
    for (const migration of since) await applyWithin(client, migration);
    await settle(client);
    // Without it the planner takes what was just loaded for nothing, and the proof takes minutes.
    await client.query("ANALYZE");
    const proof = await proveRestored(client, target.ring);
    requireWhole(proof, target.acceptDamage);
    await recordRestore(client, new Date(backup.manifest.created_at));
    await client.query("COMMIT");
    return proof;
  } finally {
    // Ends a transaction that did not come to its end.
    await client.end();
  }
}

/** The backup's own migrations and the ones since. */
function splitMigrations({ migrations }: Manifest, shipped: Migration[]) {
  const checksums = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  for (const { name, checksum } of migrations) {
    const known = shipped.find((migration) => migration.name === name);
    if (!known) {
      throw new BackupRefused(
        `This backup was made by a newer Latchkey: it has the migration "${name}". Update this one, and restore again.`,
      );
    }
    if (known.checksum !== checksum) {
      throw new BackupRefused(`The migration "${name}" is not the one that this backup was made with.`);
    }
  }
  return {
    before: shipped.filter(({ name }) => checksums.has(name)),
    since: shipped.filter(({ name }) => !checksums.has(name)),
  };
}

/** No row in any table, no job in the queue, nobody else's table, and no schema of another version. */
async function requireEmpty(client: pg.Client, before: Migration[]): Promise<void> {
  const ours = [...BACKED_UP, ...Object.keys(LEFT_OUT)];
  const foreign = await foreignTable(client, ours);
  if (foreign !== undefined) {
    throw new BackupRefused(
      `The database has a table "${foreign}", which is not Latchkey's. Is it the right one? Restore into an empty one.`,
    );
  }
  if (await holdsRow(client, JOBS)) {
    throw new BackupRefused(
      "The database is not empty: jobs wait in its queue, and would be done. Restore into an empty one, such as a new data folder.",
    );
  }
  for (const name of ours) {
    if (name !== MIGRATIONS && (await holdsRow(client, pg.escapeIdentifier(name)))) {
      throw new BackupRefused(
        `The database is not empty: there are rows in "${name}". Restore into an empty one, such as a new data folder.`,
      );
    }
  }
  if (!(await exists(client, MIGRATIONS))) return;
  const { rows } = await client.query<{ name: string }>(`SELECT migration_name AS name FROM ${MIGRATIONS}`);
  const other = rows.find(({ name }) => !before.some((migration) => migration.name === name));
  if (other) {
    throw new BackupRefused(
      `The database has the migration "${other.name}", which is not in the backup; a restore that failed leaves its tables. Restore into an empty database.`,
    );
  }
}

async function holdsRow(client: pg.Client, name: string): Promise<boolean> {
  if (!(await exists(client, name))) return false;
  const { rowCount } = await client.query(`SELECT FROM ${name} LIMIT 1`);
  return rowCount !== 0;
}

/** A table beside ours that somebody made; an extension's own are its business. */
async function foreignTable(client: pg.Client, ours: string[]): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'f', 'm')
       AND c.relname <> ALL ($1)
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relname LIMIT 1`,
    [ours],
  );
  return rows[0]?.name;
}

/** `name` as it stands in a query. */
async function exists(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [name]);
  return rows[0]!.there;
}

/** What was true of the moment of the backup only: pulls that ran, turns that have passed, numbers given out. */
async function settle(client: pg.Client): Promise<void> {
  await client.query("UPDATE sync_run SET finished_at = now(), outcome = 'stopped' WHERE finished_at IS NULL");
  // Spread over their interval: every mirror may have to be fetched whole.
  await client.query(
    `UPDATE repository SET next_pull_at = now() + random() * pull_every_minutes * interval '1 minute'
     WHERE next_pull_at IS NOT NULL`,
  );
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `SELECT table_name AS table, column_name AS column,
       pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence
     FROM information_schema.columns
     WHERE table_schema = current_schema() AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL`,
  );
  for (const { table, column, sequence } of rows) {
    await client.query(
      `SELECT setval($1, greatest(max(${pg.escapeIdentifier(column)}), 1), max(${pg.escapeIdentifier(column)}) IS NOT NULL)
       FROM ${pg.escapeIdentifier(table)}`,
      [sequence],
    );
  }
}

function requireWhole({ unreadable, brokenChains }: Proof, acceptDamage: boolean): void {
  if (acceptDamage || unreadable.length + brokenChains.length === 0) return;
  const some = (ids: string[]) => `${ids.slice(0, 10).join(", ")}${ids.length > 10 ? " and others" : ""}`;
  throw new BackupRefused(
    [
      unreadable.length > 0 && `${unreadable.length} stored secrets do not open: ${some(unreadable)}.`,
      brokenChains.length > 0 && `The audit log is not whole in: ${some(brokenChains)}.`,
      "That is how the database was when it was backed up: the file is as it was written.",
      "To restore it so, and rotate those credentials afterwards, add --accept-damage.",
    ]
      .filter(Boolean)
      .join(" "),
  );
}
