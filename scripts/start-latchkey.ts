import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { createDatabaseClient } from "@/lib/platform/database/client";
import { embeddedDatabaseUrl } from "@/lib/platform/database/embedded-database-url";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";

export interface Latchkey {
  url: string;
  metricsUrl: string;
  /** The launcher's process. */
  pid: number;
  databaseUrl: string;
  dataDir: string;
  /** Everything that was printed so far, the server's log lines among it. */
  output(): string;
  /** From now on what it prints reaches nobody, as where a terminal was closed. */
  stopListening(): void;
  /** A client of our own on the same database. */
  db: PrismaClient;
  stop(): Promise<number | null>;
}

/** Whoever measures or tests sends everything from one address, and far faster than people and scripts do. */
const WITHOUT_RATE_LIMITS = {
  LATCHKEY_RATE_SUBJECT: "1000000000",
  LATCHKEY_RATE_ADDRESS: "1000000000",
  LATCHKEY_RATE_FAILURES: "1000000000",
};

/**
 * Starts the production build of the given folder by the launcher that `npm start` runs, on a fresh data folder and a
 * free port, with metrics on another. The API's rate limits are out of reach unless they are given. `within` is a command
 * that runs the launcher in surroundings of its own.
 */
export async function startLatchkey(
  variables: Record<string, string> = {},
  folder = ".",
  within: readonly string[] = [],
): Promise<Latchkey> {
  const dataDir = variables.LATCHKEY_DATA_DIR ?? mkdtempSync(path.join(os.tmpdir(), "latchkey-e2e-"));
  const [port, metricsPort] = [variables.PORT ?? (await freePort()), await freePort()];
  const [command, ...args] = [...within, process.execPath, "--import", "tsx", "scripts/launch.ts"];
  const launcher = spawn(command, args, {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      LATCHKEY_DATA_DIR: dataDir,
      PORT: String(port),
      ...WITHOUT_RATE_LIMITS,
      LATCHKEY_METRICS_PORT: String(metricsPort),
      ...variables,
    },
    stdio: ["ignore", "pipe", "pipe"],
    cwd: folder,
  });
  let printed = "";
  const ended = new Promise<number | null>((resolve) => launcher.once("exit", resolve));
  const ready = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes("Ctrl C stops it.")) resolve();
    };
    launcher.stdout.on("data", read);
    launcher.stderr.on("data", read);
    void ended.then(() => reject(new Error(`Latchkey did not start:\n${printed}`)));
  });
  await ready;
  const databaseUrl = variables.DATABASE_URL ?? embeddedDatabaseUrl(dataDir);
  const db = createDatabaseClient(databaseUrl);
  return {
    pid: launcher.pid!,
    databaseUrl,
    url: variables.LATCHKEY_URL ?? `http://localhost:${port}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    dataDir,
    output: () => printed,
    stopListening: () => {
      launcher.stdout.destroy();
      launcher.stderr.destroy();
    },
    db,
    stop: async () => {
      await db.$disconnect();
      launcher.kill("SIGTERM");
      const code = await ended;
      if (!variables.LATCHKEY_DATA_DIR) rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

/** The link that lets the first administrator in, as the start printed it. */
export function setupLink(latchkey: Latchkey): string {
  const link = /http\S+\/setup\?token=\S+/.exec(latchkey.output())?.[0];
  if (!link) throw new Error("No set-up link was printed.");
  return link;
}

/** What the PostgreSQL of this data folder was told to write down. */
export function databaseLog(dataDir: string): string {
  return readFileSync(path.join(dataDir, "postgres", "log"), "utf8");
}

/** A port that nobody listens on, below those that the system gives to connections, so that none takes it meanwhile. */
export async function freePort(): Promise<number> {
  let port: number;
  do port = randomInt(20_000, 32_768);
  while (!(await isFree(port)));
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
