import { Logger, makeWorkerUtils } from "graphile-worker";

/** Says nothing: failures are thrown, and the rest is of no use to an operator. */
export const SILENT = new Logger(() => () => undefined);

/** Makes or updates the job queue's own tables (schema `graphile_worker`), which its library looks after. */
export async function prepareJobQueue(connectionString: string): Promise<void> {
  const utils = await makeWorkerUtils({ connectionString, logger: SILENT });
  try {
    await utils.migrate();
  } finally {
    await utils.release();
  }
}
