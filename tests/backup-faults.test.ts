import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import pg from "pg";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { writeBackup } from "@/lib/platform/backup/write-backup";
import { makeKeyRing } from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
const ring = makeKeyRing("test");
let folder: string;
let file: string;

beforeAll(async () => {
  // So many that writing them takes a while, and more room than a small disk has.
  await database.db.$executeRaw`
    INSERT INTO "user" (id, email) SELECT 'usr_' || n, md5(n::text) || '@example.com' FROM generate_series(1, 200000) AS n`;
});

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-half-"));
  file = path.join(folder, "one.zip");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The command, as an operator runs it; within another one, where there is one. */
function backup(to: string, ...within: string[]) {
  const { primary } = ring;
  const [command, ...args] = [...within, process.execPath, "--import", "tsx", "scripts/backup.ts", to];
  return spawn(command, args, {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      DATABASE_URL: database.url,
      LATCHKEY_DATA_DIR: path.join(folder, "data"),
      LATCHKEY_MASTER_KEYS: `${primary.id}:${primary.key.toString("base64")}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Whether something is written that has no name yet. */
const halfWritten = () =>
  readdirSync(folder).some((name) => name.startsWith(".one.zip.") && statSync(path.join(folder, name)).size > 0);

async function admin<T extends object>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<T>(sql);
  await client.end();
  return rows;
}

it("a backup that is killed half way has not its name", async () => {
  const writing = backup(file);
  await expect.poll(halfWritten, { interval: 1, timeout: 100_000 }).toBe(true);
  writing.kill("SIGKILL");
  await once(writing, "exit");
  expect(readdirSync(folder)).not.toContain("one.zip");
}, 150_000);

it("a backup whose database goes away half way leaves nothing", async () => {
  const ended = writeBackup(file, { connectionString: database.url, ring }).catch((error: unknown) => error);
  await expect.poll(halfWritten, { interval: 1, timeout: 100_000 }).toBe(true);
  await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'COPY%' AND pid <> pg_backend_pid()`);
  expect(await ended).toBeInstanceOf(Error);
  expect(readdirSync(folder)).toEqual([]);
}, 150_000);

it("a backup whose disk is full leaves nothing, and says so", async () => {
  const small = path.join(folder, "small.zip");
  const script = 'mount -t tmpfs -o size=64k none "$0" || exit 2; "$@"; code=$?; ls -A "$0"; exit $code';
  const writing = backup(small, "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, folder);
  const [stdout, stderr] = await Promise.all([text(writing.stdout), text(writing.stderr), once(writing, "exit")]);
  expect(writing.exitCode).toBe(1);
  expect(stderr).toContain("could not be written (ENOSPC)");
  expect(stdout).not.toContain("small.zip");
}, 150_000);

it("a backup does not take the place of a file that appeared while it was written", async () => {
  const lock = new pg.Client({ connectionString: database.url });
  await lock.connect();
  await lock.query("BEGIN");
  await lock.query('LOCK TABLE "user" IN ACCESS EXCLUSIVE MODE');
  const ended = writeBackup(file, { connectionString: database.url, ring }).catch((error: unknown) => error);
  const waits = () => admin("SELECT pid FROM pg_locks WHERE NOT granted");
  await expect.poll(waits, { timeout: 100_000 }).toHaveLength(1);
  writeFileSync(file, "somebody's");
  await lock.query("ROLLBACK");
  await lock.end();
  expect(await ended).toMatchObject({ message: `${file} exists already. Name a new file.` });
  expect(readFileSync(file, "utf8")).toBe("somebody's");
  expect(readdirSync(folder)).toEqual(["one.zip"]);
}, 150_000);
