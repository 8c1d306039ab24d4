import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { chooseRenewal } from "@/lib/domain/renewals/choose-renewal";
import { enqueueMirrorRemoval } from "@/lib/domain/sync/enqueue-pull";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { mirrorFolder } from "@/lib/domain/upstream/mirror";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { parseKeyRing } from "@/lib/domain/vault/key-ring";
import { withKeysLocked } from "@/lib/domain/vault/lock-keys";
import { rememberKeys } from "@/lib/domain/vault/remember-keys";
import { createVault } from "@/lib/domain/vault/vault";
import { makeContext, makeOrganization, makeRepository, memberActor } from "@/prisma/factories";
import { startGitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";

const database = useDatabase();
const DAY_MS = 24 * 60 * 60 * 1000;
let folder: string;
let workers: ChildProcess[];

const MASTER_KEYS = `k1:${randomBytes(32).toString("base64")}`;

beforeEach(async () => {
  // As the launcher does before it starts a worker.
  const ctx = { db: database.db, clock: () => new Date(), requestId: "test" };
  await withKeysLocked(ctx, (tx) => rememberKeys(tx, ctx, "test", parseKeyRing(MASTER_KEYS)));
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-worker-"));
  workers = [];
});

afterEach(async () => {
  const ended = workers.map((worker) => once(worker, "exit"));
  for (const worker of workers) worker.kill("SIGTERM");
  await Promise.all(ended);
  rmSync(folder, { recursive: true, force: true });
});

async function startWorker(variables: Record<string, string> = {}): Promise<void> {
  const worker = fork("scripts/worker.ts", {
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
      ...variables,
    },
  });
  workers.push(worker);
  await once(worker, "message");
}

/** Has the worker remove a mirror that is there; answers whether it still is. */
async function ask(repository: string): Promise<() => boolean> {
  const mirror = mirrorFolder(path.join(folder, "mirrors"), repository);
  mkdirSync(mirror, { recursive: true });
  await enqueueMirrorRemoval(database.db, repository);
  return () => existsSync(mirror);
}

it("has slots again after the database failed all of them at the end of their jobs", async () => {
  await startWorker();
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

it("renews a token that is due, once though two begin at the same time, and brings it to its repositories", async () => {
  const host = await startGitHost("GitLab");
  onTestFinished(() => host.stop());
  host.addRepository("team/app");
  host.tokens.set("due", "write");
  host.tokenDescription = {
    created_at: new Date(Date.now() - 85 * DAY_MS).toISOString(),
    expires_at: new Date(Date.now() + 2 * DAY_MS).toISOString().slice(0, 10),
    scopes: ["read_repository", "write_repository", "self_rotate"],
  };
  const acme = await makeOrganization(database.db, "acme");
  const ctx = makeContext(database.db, memberActor(acme), {
    vault: createVault(() => parseKeyRing(MASTER_KEYS)),
    clock: () => new Date(Date.now() - 85 * DAY_MS),
    upstream: createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8")),
  });
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
  const ids: string[] = [];
  for (const name of ["a", "b"]) {
    const { id: repository } = await makeRepository(database.db, acme, name, upstream);
    ids.push((await createCredential(ctx, { repository, password: "due", test: "required" })).id);
  }
  await chooseRenewal(ctx, { id: ids[0]!, on: true });
  const reaching = { LATCHKEY_EGRESS_ALLOW: host.host, LATCHKEY_UPSTREAM_CA_FILE: host.caFile };
  await Promise.all([startWorker(reaching), startWorker({ ...reaching, LATCHKEY_DATA_DIR: path.join(folder, "b") })]);
  const current = (id: string) =>
    findCredential(ctx, id).then((found) => withOpenSecret(ctx, found, ({ password }) => password));
  const now = () => Promise.all(ids.map(current));
  await expect.poll(now, { timeout: 20_000 }).not.toContain("due");
  expect(await now()).toEqual(ids.map(() => host.renewed.get("due")));
  expect(host.requests.filter(({ line }) => line.startsWith("POST"))).toHaveLength(1);
}, 60_000);
