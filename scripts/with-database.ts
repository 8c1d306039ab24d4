import { existsSync, mkdirSync } from "node:fs";
import { tryLockDataFolder } from "@/lib/platform/data-folder-lock";
import { embeddedDatabaseUrl, layout } from "@/lib/platform/database/embedded-database-url";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";
import { env } from "@/lib/platform/env";

/**
 * Hands on the database that the configuration means, as a connection string: the one of `DATABASE_URL`, or the embedded
 * one, of the running service or started for this command alone. Throws an Error for the operator where there is none.
 */
export async function withDatabase<T>(run: (connectionString: string) => Promise<T>): Promise<T> {
  const { DATABASE_URL, LATCHKEY_DATA_DIR: dataDir } = env();
  if (DATABASE_URL !== undefined) return run(DATABASE_URL);
  if (!existsSync(layout(dataDir).cluster)) {
    throw new Error(`There is no database in ${dataDir}. Set LATCHKEY_DATA_DIR or DATABASE_URL as the service has it.`);
  }
  return (await tryLockDataFolder(dataDir)) ? withEmbedded(dataDir, run) : run(embeddedDatabaseUrl(dataDir));
}

/** The same while no service runs on it; an embedded one is made where there is none. */
export async function withStoppedDatabase<T>(run: (connectionString: string) => Promise<T>): Promise<T> {
  const { DATABASE_URL, LATCHKEY_DATA_DIR: dataDir } = env();
  if (DATABASE_URL !== undefined) return run(DATABASE_URL);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (!(await tryLockDataFolder(dataDir))) {
    throw new Error(`Latchkey is running on the data folder ${dataDir}. Stop it first: this needs it stopped.`);
  }
  return withEmbedded(dataDir, run);
}

async function withEmbedded<T>(dataDir: string, run: (connectionString: string) => Promise<T>): Promise<T> {
  const postgres = await startEmbeddedPostgres(dataDir);
  try {
    return await run(postgres.url);
  } finally {
    await postgres.stop();
  }
}
