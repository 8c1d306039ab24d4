import pg from "pg";

export interface KeyCount {
  key: string;
  points: number;
}

/** Adds counts to those of all instances, which are forgotten at `expire`, and answers the sums. */
export type ExchangeCounts = (counts: readonly KeyCount[], expire: Date) => Promise<KeyCount[]>;

/**
 * The exchange through the table of counts, in one statement on a connection of its own. Keys are taken in one order, so
 * that two instances do not wait for each other.
 */
export function exchangeCounts(connectionString: string): ExchangeCounts {
  const pool = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  // A connection that breaks while nobody uses it is made anew with the next exchange.
  pool.on("error", () => undefined);
  return async (counts, expire) => {
    const { rows } = await pool.query<KeyCount>(
      `WITH told AS (
         SELECT * FROM unnest($1::text[], $2::int[]) AS told (key, points)
       ), forgotten AS (
         DELETE FROM rate_limit WHERE key IN (
           SELECT key FROM rate_limit WHERE expire < now() LIMIT 1000 FOR UPDATE SKIP LOCKED
         )
       )
       INSERT INTO rate_limit (key, points, expire)
       SELECT key, points, $3::timestamptz FROM told ORDER BY key
       ON CONFLICT (key) DO UPDATE SET points = rate_limit.points + EXCLUDED.points
       RETURNING key, points`,
      [counts.map(({ key }) => key), counts.map(({ points }) => points), expire],
    );
    return rows;
  };
}
