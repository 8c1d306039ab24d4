import { checkMasterKeys } from "@/lib/domain/vault/check-master-keys";
import { database } from "./database/client";
import { shippedMigrations } from "./database/apply-migrations";
import { keyRing } from "./key-ring";

const SHARED_MS = 1_000;
let last: { missing: Promise<string[]>; until: number } | undefined;

/**
 * What keeps this process from serving: any of `database`, `migrations`, `keys`; empty when ready. Anybody may ask, as
 * often as they like: those who do while it is looked up, or within a second after, share one answer.
 */
export function missingForReadiness(): Promise<string[]> {
  if (last && performance.now() < last.until) return last.missing;
  const mine = { missing: look(), until: Infinity };
  last = mine;
  const found = () => (mine.until = performance.now() + SHARED_MS);
  mine.missing.then(found, found);
  return mine.missing;
}

async function look(): Promise<string[]> {
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

/** Read once: what a program ships does not change while it runs. */
let shipped: readonly string[] | undefined;

async function noPendingMigrations(): Promise<void> {
  const applied = await database().$queryRaw<{ migration_name: string }[]>`
    SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL`;
  const names = new Set(applied.map((row) => row.migration_name));
  shipped ??= shippedMigrations().map(({ name }) => name);
  if (!shipped.every((name) => names.has(name))) throw new Error("Migrations are pending.");
}

async function holds(check: Promise<void>): Promise<boolean> {
  try {
    await check;
    return true;
  } catch {
    return false;
  }
}
