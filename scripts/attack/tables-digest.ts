import type { PrismaClient } from "@/lib/platform/prisma-client/client";

/** What the worker asks itself for, whatever anybody does. */
const OWN_TASKS = ["check_audit"];

/** Counters, leases, signs of life and when what was looked at, which move by themselves. */
const MOVING = ["rate_limit", "worker_lease", "key_holder", "audit_check"];

/**
 * A hash of every row of every table, by the table's name, and of every job that waits or runs, by itself, so that "nothing
 * changed" is seen and not supposed.
 */
export async function tablesDigest(db: PrismaClient): Promise<ReadonlyMap<string, string | null>> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> ALL (${MOVING})
    ORDER BY table_name`;
  const digests = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, md5(string_agg(row, E'\\n' ORDER BY row)) AS digest
       FROM (SELECT (to_jsonb(t) - 'last_used_at' - 'last_seen_at')::text AS row FROM "${name}" AS t) AS rows`,
  );
  const rows = await db.$queryRawUnsafe<{ name: string; digest: string | null }[]>(digests.join(" UNION ALL "));
  const jobs = await db.$queryRaw<{ name: string; digest: string }[]>`
    SELECT 'the queue: ' || t.identifier || ' ' || j.id AS name, md5(j.payload::text || j.revision) AS digest
    FROM graphile_worker._private_jobs AS j JOIN graphile_worker._private_tasks AS t ON t.id = j.task_id
    WHERE t.identifier <> ALL (${OWN_TASKS})`;
  return new Map([...rows, ...jobs].map(({ name, digest }) => [name, digest]));
}

/** "nothing changed", or the tables that did and the jobs that came; those that are done by now were there before. */
export async function changedSince(db: PrismaClient, before: ReadonlyMap<string, string | null>): Promise<string> {
  const after = await tablesDigest(db);
  const changed = [...after].filter(([name, digest]) => before.get(name) !== digest).map(([name]) => name);
  return changed.length === 0 ? "nothing changed" : `rows changed in ${changed.join(", ")}`;
}
