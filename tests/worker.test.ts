import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { enqueueMirrorRemoval } from "@/lib/domain/sync/enqueue-pull";
import { mirrorFolder } from "@/lib/domain/upstream/mirror";
import { parseKeyRing } from "@/lib/domain/vault/key-ring";
import { withKeysLocked } from "@/lib/domain/vault/lock-keys";
import { rememberKeys } from "@/lib/domain/vault/remember-keys";
import { useDatabase } from "./support/database";

const database = useDatabase();
let folder: string;
let worker: ChildProcess;

const MASTER_KEYS = `k1:${randomBytes(32).toString("base64")}`;

beforeEach(async () => {
  // As the launcher does before it starts a worker.
  const ctx = { db: database.db, clock: () => new Date(), requestId: "test" };
  await withKeysLocked(ctx, (tx) => rememberKeys(tx, ctx, "test", parseKeyRing(MASTER_KEYS)));
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-worker-"));
  worker = fork("scripts/worker.ts", {
    execArgv: ["--import", "tsx"],
    // The queue's library prints what failed it.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      DATABASE_URL: database.url,
      LATCHKEY_DATA_DIR: folder,
      LATCHKEY_MASTER_KEYS: MASTER_KEYS,
      LOG_LEVEL: "silent",
    },
  });
  await once(worker, "message");
});

afterEach(async () => {
  const ended = once(worker, "exit");
  worker.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

/** Has the worker remove a mirror that is there; answers whether it still is. */
async function ask(repository: string): Promise<() => boolean> {
  const mirror = mirrorFolder(path.join(folder, "mirrors"), repository);
  mkdirSync(mirror, { recursive: true });
  await enqueueMirrorRemoval(database.db, repository);
  return () => existsSync(mirror);
}

it("has slots again after the database failed all of them at the end of their jobs", async () => {
  await database.db.$executeRaw`CREATE SEQUENCE failures`;
  await database.db.$executeRaw`
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM nextval('failures'); RAISE EXCEPTION 'the disk is full'; END$$`;
  await database.db.$executeRaw`
    CREATE TRIGGER fail BEFORE DELETE ON graphile_worker._private_jobs FOR EACH ROW EXECUTE FUNCTION fail()`;
  const slots = ["one", "two", "three", "four"];
  for (const name of slots) await ask(name);
  const failures = async () => {
    const [row] = await database.db.$queryRaw<{ count: number }[]>`SELECT last_value::int AS count FROM failures`;
    return row!.count;
  };
  await expect.poll(failures, { timeout: 20_000 }).toBe(slots.length);
  await database.db.$executeRaw`DROP TRIGGER fail ON graphile_worker._private_jobs`;

  const waits = await ask("five");
  await expect.poll(waits, { timeout: 20_000 }).toBe(false);
}, 60_000);
