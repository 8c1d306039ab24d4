import pg from "pg";
import { expect, onTestFinished } from "vitest";

/** An organization's audit chain that somebody holds: what writes to it stands still in the middle of its transaction. */
export interface HeldChain {
  /** Resolves once so many transactions of this database stand still. */
  standing(transactions: number): Promise<void>;
  release(): Promise<void>;
}

/** Holds it until it is released, or the test ends. Locks are given in the order in which they were asked for. */
export async function holdChain(url: string, organizationId: string): Promise<HeldChain> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("BEGIN");
  await client.query("SELECT 1 FROM audit_chain WHERE organization_id = $1 FOR UPDATE", [organizationId]);
  onTestFinished(() => client.end());
  const waiting = async () => {
    // What a transaction has once seen of it stays the same to it.
    await client.query("SELECT pg_stat_clear_snapshot()");
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return rows[0]!.count;
  };
  return {
    standing: async (transactions) => {
      await expect.poll(waiting, { timeout: 20_000 }).toBe(transactions);
    },
    release: async () => {
      await client.query("COMMIT");
    },
  };
}
