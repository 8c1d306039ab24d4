import pg from "pg";

/**
 * As pg_dump has them, whatever the database or its user is set to: values are written so that every server reads them as
 * they were, nothing is left out unsaid, and nothing ends for taking long. Not every server knows all of them.
 */
const SETTINGS = {
  client_encoding: "UTF8",
  datestyle: "ISO",
  extra_float_digits: "3",
  idle_in_transaction_session_timeout: "0",
  idle_session_timeout: "0",
  intervalstyle: "postgres",
  lock_timeout: "0",
  row_security: "off",
  statement_timeout: "0",
  transaction_timeout: "0",
};

/** A connection of its own; one that breaks fails the query that runs, and nothing else. */
export async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on("error", heardElsewhere);
  await client.connect();
  await client.query(
    `SELECT set_config(wish.key, wish.value, false)
     FROM jsonb_each_text($1::jsonb) AS wish JOIN pg_settings ON lower(pg_settings.name) = wish.key`,
    [JSON.stringify(SETTINGS)],
  );
  return client;
}

/** For the `error` event of what fails a promise too: without a listener the event would end the process. */
export function heardElsewhere(): void {
  return undefined;
}
