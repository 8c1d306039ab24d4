import type { PrismaClient } from "@/lib/platform/prisma-client/client";

/** Resolves once a statement of this database waits for a lock that another transaction holds. */
export async function someoneWaits(db: PrismaClient): Promise<void> {
  for (;;) {
    const [row] = await db.$queryRaw<{ waiting: bigint }[]>`
      SELECT count(*) AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    if (row!.waiting > 0n) return;
  }
}
