import { randomBytes } from "node:crypto";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { test as base, type APIRequestContext } from "@playwright/test";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";
import { makeOrganization, makeRepository, makeSigningKey } from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { startLatchkey, type Latchkey } from "@/scripts/start-latchkey";
import { callApi } from "./support/api";
import { expect, reaching } from "./support/fixtures";

const run = promisify(execFile);

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command as npm does, with these variables and no others of ours. */
const command = (name: "backup" | "restore", file: string, variables: Record<string, string>): Promise<Ended> =>
  run(process.execPath, ["--import", "tsx", `scripts/${name}.ts`, file], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...variables },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Ended,
  );

const test = base.extend<{ gitHost: GitHost; folder: string; external: EmbeddedPostgres }>({
  gitHost: async ({}, use) => {
    const gitHost = await startGitHost("GitLab");
    gitHost.addRepository("acme/app");
    gitHost.tokens.set("glpat-of-the-backup", "read");
    await use(gitHost);
    await gitHost.stop();
  },
  folder: async ({}, use) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-backup-"));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  /** A PostgreSQL that no Latchkey has started. */
  external: async ({ folder }, use) => {
    mkdirSync(path.join(folder, "external"));
    const external = await startEmbeddedPostgres(path.join(folder, "external"));
    await use(external);
    await external.stop();
  },
});

test("what was backed up while it ran is used again elsewhere: embedded, and on a PostgreSQL of one's own", async ({
  request,
  gitHost,
  folder,
  external,
}) => {
  test.slow();
  const [from, to] = ["from", "to"].map((name) => path.join(folder, name)) as [string, string];
  const [running, stopped] = ["running.zip", "stopped.zip"].map((name) => path.join(folder, name)) as [string, string];
  const variables = { LATCHKEY_DATA_DIR: from, ...reaching(gitHost) };
  const first = await startLatchkey(variables);
  const organization = await makeOrganization(first.db, "acme");
  const key = await makeSigningKey(first.db, organization);
  const upstream = { provider: "gitlab" as const, host: gitHost.host, owner: "acme", name: "app" };
  const { id: repositoryId } = await makeRepository(first.db, organization, "app", upstream);
  const body = { repo_id: repositoryId, password: "glpat-of-the-backup" };
  const token = await key.token();
  const created = await callApi(request, "createCredential", { base: first.url, token, body });
  const { id } = (await created.json()) as { id: string };

  const backup = await command("backup", running, variables);
  expect(backup).toMatchObject({ code: 0, stderr: "" });
  expect(backup.stdout).toContain("The master keys are not in it. Restoring it takes k1");
  const busy = await command("restore", running, variables);
  expect(busy).toMatchObject({ code: 1, stderr: expect.stringContaining("this needs it stopped") });
  await first.stop();
  expect(await command("backup", stopped, { LATCHKEY_DATA_DIR: from })).toMatchObject({ code: 0, stderr: "" });
  expect((await run("ps", ["-eo", "args"])).stdout).not.toContain(path.join(from, "postgres"));

  const keyless = await command("restore", running, { LATCHKEY_DATA_DIR: to });
  expect(keyless).toMatchObject({ code: 1, stderr: expect.stringContaining("There are no master keys here") });
  expect(readdirSync(folder)).not.toContain("to");
  mkdirSync(to);
  copyFileSync(path.join(from, "master-keys"), path.join(to, "master-keys"));
  const restored = await command("restore", running, { LATCHKEY_DATA_DIR: to });
  expect(restored).toMatchObject({ code: 0, stderr: "" });
  expect(restored.stdout).toContain("2 stored secrets open with the keys at hand");
  const again = await command("restore", running, { LATCHKEY_DATA_DIR: to });
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("The database is not empty") });
  await expectInUse(request, await startLatchkey({ ...variables, LATCHKEY_DATA_DIR: to }), { token, id });

  const own = { DATABASE_URL: external.url, LATCHKEY_MASTER_KEYS_FILE: path.join(to, "master-keys") };
  expect(await command("restore", stopped, own)).toMatchObject({ code: 0, stderr: "" });
  const other = { ...reaching(gitHost), ...own, LATCHKEY_DATA_DIR: path.join(folder, "other") };
  const third = await startLatchkey(other);
  const thirdBackup = await command("backup", path.join(folder, "external.zip"), own);
  expect(thirdBackup).toMatchObject({ code: 0, stderr: "" });
  await expectInUse(request, third, { token, id });
});

/** The key that was stored lets a script in, and the secret that was stored lets a pull in. */
async function expectInUse(
  request: APIRequestContext,
  latchkey: Latchkey,
  { token, id }: { token: string; id: string },
): Promise<void> {
  expect((await fetch(`${latchkey.url}/api/ready`)).status).toBe(200);
  const call = { base: latchkey.url, token, params: { repo_name: "app", id } };
  const tested = await callApi(request, "testRepositoryCredential", call);
  expect(await tested.json()).toMatchObject({ outcome: "reads_only" });
  await callApi(request, "pullUpstream", { ...call, body: {} });
  const outcome = async () => (await latchkey.db.syncRun.findFirst({ orderBy: { startedAt: "desc" } }))?.outcome;
  await expect.poll(outcome).toBe("succeeded");
  await latchkey.stop();
}

test("says what it needs, and what it cannot find", async ({ folder }) => {
  const usage = await command("backup", "--help", {});
  expect(usage).toMatchObject({ code: 2, stderr: "npm run backup -- FILE\n" });
  const nowhere = {
    LATCHKEY_DATA_DIR: path.join(folder, "nowhere"),
    LATCHKEY_MASTER_KEYS: `k1:${randomBytes(32).toString("base64")}`,
  };
  const none = await command("backup", path.join(folder, "x.zip"), nowhere);
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("There is no database in") });
  const missing = await command("restore", path.join(folder, "x.zip"), nowhere);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be read") });
  const away = { ...nowhere, DATABASE_URL: "postgresql://nobody:nothing@127.0.0.1:1/none" };
  const unreachable = await command("backup", path.join(folder, "x.zip"), away);
  expect(unreachable).toMatchObject({ code: 1, stderr: expect.stringContaining("The database cannot be reached") });
  expect(unreachable.stderr).not.toContain("nothing");
});
