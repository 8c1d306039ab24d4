import pg from "pg";

/** A connection of its own; one that breaks fails the query that runs, and nothing else. */
export async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on("error", heardElsewhere);
  await client.connect();
  return client;
}

/** For the `error` event of what fails a promise too: without a listener the event would end the process. */
export function heardElsewhere(): void {
  return undefined;
}
