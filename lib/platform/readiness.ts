import { checkMasterKeys } from "@/lib/domain/vault/check-master-keys";
import { database } from "./database/client";
import { shippedMigrations } from "./database/apply-migrations";
import { keyRing } from "./key-ring";

/** What keeps this process from serving: any of `database`, `migrations`, `keys`; empty when ready. */
export async function missingForReadiness(): Promise<string[]> {
  try {
    await database().$queryRaw`SELECT 1`;
  } catch {
    return ["database"];
  }
  const [migrations, keys] = await Promise.all([
    holds(noPendingMigrations()),
    holds(checkMasterKeys(database(), keyRing())),
  ]);
  return [...(migrations ? [] : ["migrations"]), ...(keys ? [] : ["keys"])];
}

async function noPendingMigrations(): Promise<void> {
  const applied = await database().$queryRaw<{ migration_name: string }[]>`
    SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL`;
  const names = new Set(applied.map((row) => row.migration_name));
  if (!shippedMigrations().every(({ name }) => names.has(name))) throw new Error("Migrations are pending.");
}

async function holds(check: Promise<void>): Promise<boolean> {
  try {
    await check;
    return true;
  } catch {
    return false;
  }
}
