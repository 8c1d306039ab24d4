import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { applyMigrations } from "@/lib/platform/database/apply-migrations";
import { prepareJobQueue } from "@/lib/platform/database/prepare-job-queue";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";
import { lockDataFolder } from "@/lib/platform/data-folder-lock";
import { env } from "@/lib/platform/env";
import { ensureGeneratedSecrets } from "@/lib/platform/generated-secrets";
import { configuredKeyRing, hasMasterKeys } from "@/lib/platform/key-ring";
import { operatorSentence } from "@/lib/platform/operator-sentence";
import { prepare, requireMasterKeys } from "@/lib/platform/prepare";
import { complain, say } from "@/lib/platform/terminal";
import type { DemoHost } from "@/prisma/seed";
import { buildIfStale } from "./build-if-stale";

const flags = new Set(process.argv.slice(2));
const demo = flags.has("--demo");
const dev = flags.has("--dev");

/**
 * What was started and must be stopped, newest first, each in the milliseconds that are left; the processes, which end
 * together, before all of it.
 */
const stops: ((leftMs: number) => void | Promise<void>)[] = [];
const processes: Record<string, ChildProcess> = {};
let stopMetrics: (() => Promise<void>) | undefined;
let stopping: Promise<void> | undefined;
/** Aborts when everything is to stop, which may be while it starts. */
const halt = new AbortController();

/**
 * Without a bound Node lets garbage grow with the machine's memory: a GB where 90 MB are in use. Under this one the web
 * process stays below 500 MB with 64 connections that read pages (npm run bench), and 500 connections do not end it.
 */
const WEB_HEAP_MB = 384;

/** A stop takes ten seconds at most: a process that has not ended by then is killed, and what is left is the database's. */
const END_MS = 7_700;
const STOP_MS = 10_000;

// Where a terminal was closed or a pipe has ended, what is said is lost; what runs is still stopped in order.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
process.on("SIGTERM", () => void stop(0));
process.on("SIGINT", () => void stop(0));
try {
  await launch();
} catch (error) {
  if (!stopping) complain(`\n✗ ${operatorSentence(error)}`);
  await stop(1);
}

async function launch(): Promise<void> {
  const demoHost = demo ? await useThrowAwayFolder() : undefined;
  const { LATCHKEY_DATA_DIR: dataDir, DATABASE_URL, LATCHKEY_URL, PORT } = env();
  const { LATCHKEY_METRICS_PORT: metricsPort, LATCHKEY_METRICS_HOST: metricsHost } = env();
  // What is malformed is said before anything is touched.
  if (hasMasterKeys()) configuredKeyRing();
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  await lockDataFolder(dataDir);
  const databaseUrl = DATABASE_URL ?? (await step("Starting the embedded database", () => embedded(dataDir)));
  await step("Checking the master keys", requireMasterKeys);
  const applied = await step("Checking the database's schema", async () => {
    const names = await applyMigrations(databaseUrl);
    await prepareJobQueue(databaseUrl);
    return names;
  });
  if (applied.length > 0) say(`  ${applied.length} migrations applied`);
  for (const notice of ensureGeneratedSecrets(env())) say(`! ${notice}`);
  const { setupToken } = await step("Preparing the database", () => prepare({ invite: !demo }));
  if (demoHost) await showDemo(demoHost);
  if (!dev) await buildIfStale(halt.signal);
  await step(`Starting the server on port ${PORT} and the worker`, () =>
    Promise.all([startWeb(), startProcess("worker", ["--import", "tsx", "scripts/worker.ts"])]),
  );
  if (metricsPort !== undefined) {
    // It writes log lines, and their level is read once the configuration is known to be right.
    const { serveMetrics } = await import("./launch/serve-metrics");
    stopMetrics = await serveMetrics({ host: metricsHost, port: metricsPort }, databaseUrl, processes);
  }
  say(`\n✓ Latchkey is ready at ${LATCHKEY_URL}`);
  if (setupToken)
    say(`  Create the first administrator (this link works once): ${LATCHKEY_URL}/setup?token=${setupToken}`);
  say("  Ctrl C stops it.");
}

async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  halt.signal.throwIfAborted();
  say(`• ${name} …`);
  return run();
}

/** Where the demo keeps what it makes, and the Git host that its repositories are on. */
async function useThrowAwayFolder(): Promise<DemoHost> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-demo-"));
  process.env.LATCHKEY_DATA_DIR = folder;
  delete process.env.DATABASE_URL;
  stops.unshift(() => rmSync(folder, { recursive: true, force: true }));
  const { startDemoHost } = await import("./git-host/start-demo-host");
  const { gitHost, demoHost } = await startDemoHost();
  stops.unshift(() => gitHost.stop());
  process.env.LATCHKEY_EGRESS_ALLOW = gitHost.host;
  process.env.LATCHKEY_UPSTREAM_CA_FILE = gitHost.caFile;
  return demoHost;
}

async function embedded(dataDir: string): Promise<string> {
  const starting = startEmbeddedPostgres(dataDir, halt.signal);
  stops.unshift(async (leftMs) => {
    // One that was halted while it started has stopped already.
    const postgres = await starting.catch(() => undefined);
    await postgres?.stop(leftMs);
  });
  return (await starting).url;
}

async function showDemo(demoHost: DemoHost): Promise<void> {
  const { seedDemo } = await import("@/prisma/seed");
  const { email, password } = await step("Making sample repositories and testing their credentials", () =>
    seedDemo(demoHost),
  );
  const { writes, reads } = demoHost.tokens;
  say(`\n  Demo sign-in: ${email}   password: ${password}`);
  say(`  Tokens to try on ${demoHost.host}: ${writes} (reads and writes), ${reads} (reads)\n`);
}

/** Starts the server; in production its heap is bounded. */
function startWeb(): Promise<void> {
  const heap = dev ? [] : [`--max-old-space-size=${WEB_HEAP_MB}`];
  return startProcess("web", [...heap, "--import", "tsx", "scripts/web.ts", ...(dev ? ["--dev"] : [])]);
}

/** Starts a process of ours and resolves once it is ready. Its end, when nobody asked for it, ends everything. */
function startProcess(name: string, args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Metrics hold numbers that JSON has no words for.
    serialization: "advanced",
    env: {
      ...process.env,
      NODE_ENV: dev ? "development" : "production",
      NEXT_TELEMETRY_DISABLED: "1",
      NEXTAUTH_URL: env().LATCHKEY_URL,
      // Looking up names and hashing passwords share these: four slow names would hold up every sign-in.
      UV_THREADPOOL_SIZE: "16",
    },
    // Its own group, so that Ctrl C reaches it through us alone and in order.
    detached: true,
  });
  processes[name] = child;
  return new Promise((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => {
      reject(new Error("A process ended before it was ready; the lines above say why."));
      if (!stopping) void stop(code ?? 1);
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill("SIGTERM");
  });
}

function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    const stopBy = performance.now() + STOP_MS;
    halt.abort();
    if (stops.length > 0) say("\n• Stopping …");
    await Promise.all([...Object.values(processes).map(ended), stopMetrics?.()]);
    for (const each of stops) await each(stopBy - performance.now());
    process.exit(code);
  })();
  return stopping;
}
