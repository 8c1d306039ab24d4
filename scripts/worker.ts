import { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, type TaskList, type WorkerEvents } from "graphile-worker";
import { CHAIN_BREAKS } from "@/lib/contract/audit-chain";
import { announceExpiring } from "@/lib/domain/credentials/announce-expiring";
import { eraseExpired } from "@/lib/domain/credentials/erase-previous";
import type { NoticeJob } from "@/lib/domain/notices/enqueue-notice";
import type { MailJob } from "@/lib/domain/notices/put-mail";
import { sendMail } from "@/lib/domain/notices/send-mail";
import { forgetTold, tellNotice } from "@/lib/domain/notices/tell-notice";
import { eraseForgottenImports } from "@/lib/domain/imports/erase-waiting";
import { runImport, type ImportJob } from "@/lib/domain/imports/run-import";
import { maintainMirror } from "@/lib/domain/upstream/maintain-mirror";
import { checkChain } from "@/lib/domain/audit/check-chain";
import { scheduleChainChecks, type ChainCheckJob } from "@/lib/domain/audit/request-chain-check";
import { startGateway } from "@/lib/domain/upstream/gateway";
import { mirrorFolder, removeMirror } from "@/lib/domain/upstream/mirror";
import type { PullJob } from "@/lib/domain/sync/enqueue-pull";
import { organizationSlots } from "@/lib/domain/sync/organization-slots";
import { pullRepository } from "@/lib/domain/sync/pull-repository";
import { removeDeletedMirrors } from "@/lib/domain/sync/remove-deleted-mirrors";
import { schedulePulls } from "@/lib/domain/sync/schedule-pulls";
import { runRotation, type RotationJob } from "@/lib/domain/rotations/run-rotation";
import { renewTokens } from "@/lib/domain/renewals/renew-tokens";
import { releaseDeadWorkers, RENEW_MS, renewLeases } from "@/lib/domain/sync/worker-leases";
import { deliverWebhook } from "@/lib/domain/webhooks/deliver-webhook";
import type { DeliveryJob } from "@/lib/domain/webhooks/enqueue-delivery";
import { pauseFullWebhook, type PauseJob } from "@/lib/domain/webhooks/pause-full-webhook";
import { createContext } from "@/lib/platform/context";
import { database } from "@/lib/platform/database/client";
import { embeddedDatabaseUrl } from "@/lib/platform/database/embedded-database-url";
import { SILENT } from "@/lib/platform/database/prepare-job-queue";
import { env, smtpServer, upstreamAuthorities } from "@/lib/platform/env";
import { keepKeyRing } from "@/lib/platform/keep-key-ring";
import { log } from "@/lib/platform/log";
import { createSmtpMailer } from "@/lib/platform/mail/smtp-mailer";
import { answerForMetrics } from "@/lib/platform/metrics/process-metrics";
import { strayOutputToLog } from "@/lib/platform/stray-output";
import { BATCHES_AT_ONCE, DELIVERIES_AT_ONCE, MAILS_AT_ONCE, MOST_OF_ONE, PULLS_AT_ONCE } from "./worker/at-once";
import { countJob } from "./worker/count-job";
import { queueTask } from "./worker/queue-task";

// The process that pulls: it takes jobs from the queue, and is the only one that runs git.

const RESTART_MS = 3_000;
const MB = 1_000_000;

strayOutputToLog();
const { LATCHKEY_DATA_DIR, DATABASE_URL, LATCHKEY_MIN_FREE_MB, LATCHKEY_MAIL_FROM, LATCHKEY_URL: publicUrl } = env();
const mirrors = path.join(LATCHKEY_DATA_DIR, "mirrors");
mkdirSync(mirrors, { recursive: true, mode: 0o700 });
const { actor: _, ...ctx } = createContext(
  { kind: "system", name: "worker", organizationId: "", organizationSlug: "" },
  "worker",
  null,
);
const letGoOfKeys = await keepKeyRing("worker");
const gateway = await startGateway(ctx.upstream);
const smtp = smtpServer();
const mailer = smtp && LATCHKEY_MAIL_FROM ? createSmtpMailer(smtp, LATCHKEY_MAIL_FROM, upstreamAuthorities()) : null;
const slots = organizationSlots(MOST_OF_ONE);
const stopping = new AbortController();

async function maintain(folder: string): Promise<void> {
  const started = performance.now();
  const outcome = await maintainMirror(folder, stopping.signal);
  if (outcome === "not_needed") return;
  const ms = Math.round(performance.now() - started);
  countJob("repack", outcome, ms);
  const line = { operation: "repack", mirror: path.basename(folder), outcome, ms };
  if (outcome === "failed") log.warn(line, "tried again after the next pull");
  else log.info(line);
}

/** "Unreachable", and failures of our own, are worth another try. */
const pull = queueTask<PullJob>("pull", async (asked, { requestId }) => {
  const tools = { gateway, mirrors, minFreeBytes: LATCHKEY_MIN_FREE_MB * MB, slots, maintain, signal: stopping.signal };
  const outcome = (await pullRepository({ ...ctx, requestId }, tools, asked)) ?? "gone";
  return { repository_id: asked.repositoryId, outcome, again: outcome === "unreachable" || stopping.signal.aborted };
});

const removeMirrorOf = queueTask<Pick<PullJob, "repositoryId">>("remove_mirror", async ({ repositoryId }) => {
  await removeMirror(mirrorFolder(mirrors, repositoryId));
  return { repository_id: repositoryId, outcome: "done" };
});

/** A delivery that got no yes is tried again until the queue has no attempt left. */
const deliver = queueTask<DeliveryJob>("deliver_webhook", async ({ deliveryId }, { requestId, last }) => {
  const attempt = { last, signal: stopping.signal };
  const outcome = await deliverWebhook({ ...ctx, requestId }, { deliveryId }, attempt);
  return { delivery_id: deliveryId, outcome, again: outcome === "again" };
});

const pauseFull = queueTask<PauseJob>("pause_webhook", async (webhook, { requestId }) => ({
  outcome: (await pauseFullWebhook({ ...ctx, requestId }, webhook)) ? "done" : "not_needed",
}));

const tell = queueTask<NoticeJob>("tell_notice", async (notice) => ({
  outcome: await tellNotice(ctx, { publicUrl }, notice),
}));

/** As a delivery. */
const mail = queueTask<MailJob>("send_mail", async ({ mailId }, { last }) => {
  const outcome = await sendMail(ctx, { mailer, publicUrl }, { mailId }, { last, signal: stopping.signal });
  return { delivery_id: mailId, outcome, again: outcome === "again" };
});

/** Goes on where it was when the worker was stopped or killed. */
const rotateMatching = queueTask<RotationJob>("rotate_matching", async ({ rotationId }, { requestId }) => {
  const outcome = await runRotation({ ...ctx, requestId }, { rotationId }, stopping.signal);
  return { rotation_id: rotationId, outcome, again: outcome === "stopped" };
});

/** A chain that is broken is for the audit page, and for whoever watches the log. */
const checkAudit = queueTask<ChainCheckJob>("check_audit", async ({ organizationId }) => {
  const { events, head, broken } = await checkChain(ctx, organizationId);
  const problem = broken ? CHAIN_BREAKS[broken.why](broken.seq) : undefined;
  return { organization_id: organizationId, events, head, outcome: broken ? "broken" : "whole", problem };
});

/** Goes on where it was, as a rotation does. */
const importLines = queueTask<ImportJob>("run_import", async ({ importId }, { requestId }) => {
  const outcome = await runImport({ ...ctx, requestId }, { importId }, stopping.signal);
  return { import_id: importId, outcome, again: outcome === "stopped" };
});

const workers = new Set<string>();

/** Takes jobs of these kinds until it is stopped, or until its database fails it. */
async function work(atOnce: number, taskList: TaskList): Promise<void> {
  const mine = new Set<string>();
  const events: WorkerEvents = new EventEmitter();
  events.on("worker:create", ({ worker }) => {
    mine.add(worker.workerId);
    workers.add(worker.workerId);
  });
  events.on("worker:stop", ({ worker }) => workers.delete(worker.workerId));
  const runner = await run({
    connectionString: DATABASE_URL ?? embeddedDatabaseUrl(LATCHKEY_DATA_DIR),
    concurrency: atOnce,
    maxPoolSize: atOnce + 4,
    pollInterval: 2_000,
    noHandleSignals: true,
    logger: SILENT,
    events,
    taskList,
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
    for (const id of mine) workers.delete(id);
  }
}

/** The same, begun anew where the database was away. */
async function keepWorking(atOnce: number, taskList: TaskList): Promise<void> {
  while (!stopping.signal.aborted) {
    try {
      await work(atOnce, taskList);
    } catch {
      log.warn({ operation: "work" }, "the job queue cannot be reached; trying again");
    }
    if (!stopping.signal.aborted)
      await sleep(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
}

/** The tokens whose turn has come, and what an earlier process left of that; what it holds is waited for at the end. */
let renewing: Promise<void> | undefined;
const renewed = path.join(LATCHKEY_DATA_DIR, "renewals");

async function renewAll(): Promise<void> {
  const { asked, left } = await renewTokens({ ...ctx, requestId: "renewals" }, renewed, stopping.signal);
  for (const outcome of asked) {
    countJob("renew_token", outcome);
    log.info({ operation: "renew token", outcome });
  }
  if (left > 0)
    log.warn(
      { operation: "renew token" },
      `${left} sealed answers in renewals/ are of another database, or their master key has ended`,
    );
}

/** A turn that takes long is not begun a second time. */
async function renewInTurn(): Promise<void> {
  if (renewing || stopping.signal.aborted) return;
  renewing = renewAll().finally(() => (renewing = undefined));
  await renewing;
}

/** Until when the mirrors here are known to be of repositories that are there. */
let tidiedAt: Date | null = null;

async function tidyMirrors(): Promise<void> {
  const now = ctx.clock();
  await removeDeletedMirrors(ctx, { mirrors, since: tidiedAt });
  tidiedAt = now;
}

/** Once a minute, apart from the jobs' slots, so that slow upstreams do not hold it up. */
async function keepHouse(): Promise<void> {
  await releaseDeadWorkers(ctx);
  await eraseExpired(ctx);
  await eraseForgottenImports(ctx);
  await announceExpiring(ctx);
  await forgetTold(ctx);
  await schedulePulls(ctx);
  await scheduleChainChecks(ctx);
  await tidyMirrors();
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
  every(60_000, "renew tokens", renewInTurn),
];
renewInTurn().catch(() => log.warn({ operation: "renew tokens" }, "failed; the database may be away"));
process.on("SIGTERM", () => stopping.abort());
// Orphaned by a killed launcher: end too.
process.on("disconnect", () => stopping.abort());
answerForMetrics();
process.send?.("ready");

await Promise.all([
  keepWorking(PULLS_AT_ONCE, { pull, remove_mirror: removeMirrorOf, check_audit: checkAudit }),
  keepWorking(DELIVERIES_AT_ONCE, { deliver_webhook: deliver, pause_webhook: pauseFull, tell_notice: tell }),
  keepWorking(MAILS_AT_ONCE, { send_mail: mail }),
  keepWorking(BATCHES_AT_ONCE, { rotate_matching: rotateMatching, run_import: importLines }),
]);
for (const timer of timers) clearInterval(timer);
await renewing?.catch(() => undefined);
await gateway.stop();
await letGoOfKeys();
await database().$disconnect();
process.exit(0);
