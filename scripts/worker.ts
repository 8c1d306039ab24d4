import { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, type Task, type WorkerEvents } from "graphile-worker";
import { startGateway } from "@/lib/domain/upstream/gateway";
import { mirrorFolder, removeMirror } from "@/lib/domain/upstream/mirror";
import type { PullJob } from "@/lib/domain/sync/enqueue-pull";
import { organizationSlots } from "@/lib/domain/sync/organization-slots";
import { pullRepository } from "@/lib/domain/sync/pull-repository";
import { schedulePulls } from "@/lib/domain/sync/schedule-pulls";
import { releaseDeadWorkers, RENEW_MS, renewLeases } from "@/lib/domain/sync/worker-leases";
import { unknownError } from "@/lib/platform/api/error-response";
import { createContext } from "@/lib/platform/context";
import { database } from "@/lib/platform/database/client";
import { embeddedDatabaseUrl } from "@/lib/platform/database/embedded-database-url";
import { SILENT } from "@/lib/platform/database/prepare-job-queue";
import { env } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";

// The process that pulls: it takes jobs from the queue, and is the only one that runs git.

const AT_ONCE = 4;
/** So that upstreams of one organization that hang do not hold up all the others. */
const MOST_OF_ONE = 3;
const RESTART_MS = 3_000;

const { LATCHKEY_DATA_DIR, DATABASE_URL } = env();
const mirrors = path.join(LATCHKEY_DATA_DIR, "mirrors");
mkdirSync(mirrors, { recursive: true, mode: 0o700 });
const { actor: _, ...ctx } = createContext(
  { kind: "system", name: "worker", organizationId: "", organizationSlug: "" },
  "worker",
);
const gateway = await startGateway(ctx.upstream);
const slots = organizationSlots(MOST_OF_ONE);
const stopping = new AbortController();

/** "Unreachable", and failures of our own, are worth another try: an error makes the queue try again, later each time. */
const pull: Task = async (payload, { job }) => {
  const { repositoryId, ref, requestedBy } = payload as PullJob;
  const tools = { gateway, mirrors, slots, signal: stopping.signal };
  const started = performance.now();
  const requestId = `job-${job.id}`;
  // The queue keeps the message of what is thrown: it gets one of ours, never a database's.
  const outcome = await pullRepository({ ...ctx, requestId }, tools, { repositoryId, ref, requestedBy }).catch(
    (error: unknown) => {
      throw new Error(unknownError(error, requestId).code);
    },
  );
  const ms = Math.round(performance.now() - started);
  log.info({ request_id: requestId, operation: "pull", repository: repositoryId, outcome, ms });
  if (outcome === "unreachable" || stopping.signal.aborted) throw new Error(`pull ended: ${outcome}`);
};

const workers = new Set<string>();

/** Takes jobs until it is stopped, or until its database fails it. */
async function work(): Promise<void> {
  const events: WorkerEvents = new EventEmitter();
  events.on("worker:create", ({ worker }) => workers.add(worker.workerId));
  events.on("worker:stop", ({ worker }) => workers.delete(worker.workerId));
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
    },
  });
  const end = () => void runner.stop().catch(() => undefined);
  // A slot that fails is not filled again by the library: all of them are made anew.
  events.on("worker:fatalError", end);
  stopping.signal.addEventListener("abort", end, { once: true });
  try {
    await renewLeases(ctx, [...workers]);
    await runner.promise;
  } finally {
    stopping.signal.removeEventListener("abort", end);
  }
}

/** Once a minute, apart from the jobs' slots, so that slow upstreams do not hold it up. */
async function keepHouse(): Promise<void> {
  await releaseDeadWorkers(ctx);
  await schedulePulls(ctx);
}

/** A database that is away for a while is no reason to end: what failed is done again at its next time. */
function every(ms: number, name: string, act: () => Promise<void>): NodeJS.Timeout {
  return setInterval(() => {
    act().catch(() => log.warn({ operation: name }, "failed; the database may be away"));
  }, ms);
}

const timers = [
  every(RENEW_MS, "renew leases", () => renewLeases(ctx, [...workers])),
  every(60_000, "keep house", keepHouse),
];
process.on("SIGTERM", () => stopping.abort());
// Orphaned by a killed launcher: end too.
process.on("disconnect", () => stopping.abort());
process.send?.("ready");

while (!stopping.signal.aborted) {
  try {
    await work();
  } catch {
    log.warn({ operation: "work" }, "the job queue cannot be reached; trying again");
  }
  workers.clear();
  if (!stopping.signal.aborted) await sleep(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
}
for (const timer of timers) clearInterval(timer);
await gateway.stop();
await database().$disconnect();
process.exit(0);
