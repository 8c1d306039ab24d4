import { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { parseCronItems, run, type Task, type WorkerEvents } from "graphile-worker";
import { startGateway } from "@/lib/domain/upstream/gateway";
import { mirrorFolder, removeMirror } from "@/lib/domain/upstream/mirror";
import type { PullJob } from "@/lib/domain/sync/enqueue-pull";
import { pullRepository } from "@/lib/domain/sync/pull-repository";
import { schedulePulls } from "@/lib/domain/sync/schedule-pulls";
import { releaseDeadWorkers, RENEW_MS, renewLeases } from "@/lib/domain/sync/worker-leases";
import { createContext } from "@/lib/platform/context";
import { database } from "@/lib/platform/database/client";
import { embeddedDatabaseUrl } from "@/lib/platform/database/embedded-database-url";
import { SILENT } from "@/lib/platform/database/prepare-job-queue";
import { env } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";

// The process that pulls: it takes jobs from the queue, and is the only one that runs git.

const AT_ONCE = 4;

const { LATCHKEY_DATA_DIR, DATABASE_URL } = env();
const mirrors = path.join(LATCHKEY_DATA_DIR, "mirrors");
mkdirSync(mirrors, { recursive: true, mode: 0o700 });
const { actor: _, ...ctx } = createContext(
  { kind: "system", name: "worker", organizationId: "", organizationSlug: "" },
  "worker",
);
const gateway = await startGateway(ctx.upstream);
const stopping = new AbortController();

/** Only "unreachable" is worth another try: the error makes the queue try again, later each time. */
const pull: Task = async (payload, { job }) => {
  const { repositoryId, ref, requestedBy } = payload as PullJob;
  const tools = { gateway, mirrors, signal: stopping.signal };
  const started = performance.now();
  const requestId = `job-${job.id}`;
  const outcome = await pullRepository({ ...ctx, requestId }, tools, { repositoryId, ref, requestedBy });
  const ms = Math.round(performance.now() - started);
  log.info({ request_id: requestId, operation: "pull", repository: repositoryId, outcome, ms });
  if (outcome === "unreachable" || stopping.signal.aborted) throw new Error(`pull ended: ${outcome}`);
};

const workers = new Set<string>();
const events: WorkerEvents = new EventEmitter();
events.on("worker:create", ({ worker }) => workers.add(worker.workerId));
events.on("worker:stop", ({ worker }) => workers.delete(worker.workerId));
const renewing = setInterval(() => {
  renewLeases(ctx, [...workers]).catch(() => log.warn({ operation: "renew leases" }, "the database is away"));
}, RENEW_MS);

const runner = await run({
  connectionString: DATABASE_URL ?? embeddedDatabaseUrl(LATCHKEY_DATA_DIR),
  concurrency: AT_ONCE,
  maxPoolSize: AT_ONCE + 4,
  pollInterval: 2_000,
  noHandleSignals: true,
  logger: SILENT,
  events,
  taskList: {
    pull,
    remove_mirror: (payload) =>
      removeMirror(mirrorFolder(mirrors, (payload as Pick<PullJob, "repositoryId">).repositoryId)),
    schedule_pulls: async () => {
      await releaseDeadWorkers(ctx);
      await schedulePulls(ctx);
    },
  },
  parsedCronItems: parseCronItems([{ task: "schedule_pulls", match: "* * * * *", options: { backfillPeriod: 0 } }]),
});
await renewLeases(ctx, [...workers]);
process.send?.("ready");

async function stop(): Promise<void> {
  stopping.abort();
  clearInterval(renewing);
  await runner.stop();
  await gateway.stop();
  await database().$disconnect();
  process.exit(0);
}
process.on("SIGTERM", () => void stop());
// Orphaned by a killed launcher: end too.
process.on("disconnect", () => void stop());
