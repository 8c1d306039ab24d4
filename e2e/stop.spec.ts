import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { test as base } from "@playwright/test";
import { operations } from "@/lib/contract/operations";
import {
  makeMember,
  makeOrganization,
  makeRepository,
  makeSigningKey,
  type MadeOrganization,
} from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { survivors } from "@/scripts/processes";
import { signedInMember } from "@/scripts/signed-in-member";
import { startLatchkey, type Latchkey } from "@/scripts/start-latchkey";
import { expect, PASSWORD, reaching } from "./support/fixtures";

const run = promisify(execFile);
/** As promised. */
const STOPPED_MS = 10_000;

const test = base.extend<{ gitHost: GitHost; folder: string }>({
  gitHost: async ({}, use) => {
    const gitHost = await startGitHost();
    await use(gitHost);
    await gitHost.stop();
  },
  folder: async ({}, use) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-stop-"));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
});

/** A POST that the server has begun to answer, and whose body is sent in two parts, the second by whoever asks for it. */
async function slowRequest(latchkey: Latchkey, token: string, body: string) {
  const url = `${latchkey.url}${operations.createCredential.path}`;
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    "content-length": body.length,
    expect: "100-continue",
  };
  const request = http.request(url, { method: "POST", headers, agent: new http.Agent({ keepAlive: true }) });
  request.flushHeaders();
  await once(request, "continue");
  request.write(body.slice(0, 10));
  const status = new Promise<number | string>((resolve) => {
    request.once("response", (response) => resolve(response.resume().statusCode!));
    request.once("error", (error: NodeJS.ErrnoException) => resolve(error.code!));
  });
  return { status, finish: () => request.end(body.slice(10)) };
}

/** Whether a stream of events comes to its end, as one does that is not cut. */
async function drained(events: ReadableStreamDefaultReader<Uint8Array>): Promise<boolean> {
  for (;;) if ((await events.read()).done) return true;
}

const refusesConnections = (url: string) =>
  fetch(`${url}/api/health`, { headers: { connection: "close" } }).then(
    () => false,
    () => true,
  );

/** The events of a pull that runs, as its page reads them: once the first has come. */
async function watchedPull(latchkey: Latchkey, organization: MadeOrganization, name: string) {
  const secret = readFileSync(path.join(latchkey.dataDir, "auth-secret"), "utf8").trim();
  const { cookie } = await signedInMember(latchkey.db, organization, "viewer", secret);
  const { body } = await fetch(`${latchkey.url}/api/progress/${organization.slug}/${name}`, { headers: { cookie } });
  const events = body!.getReader();
  await events.read();
  return events;
}

test("a stop lets a request end, cuts one that does not, gives a hanging pull back, and is over in time", async ({
  gitHost,
  folder,
}) => {
  test.slow();
  const variables = { LATCHKEY_DATA_DIR: folder, ...reaching(gitHost) };
  const first = await startLatchkey(variables);
  const organization = await makeOrganization(first.db, "acme");
  const token = await (await makeSigningKey(first.db, organization)).token();
  const upstream = { provider: "gitea" as const, host: gitHost.host, owner: "hostile", name: "silent" };
  const { id: repositoryId } = await makeRepository(first.db, organization, "silent", upstream);
  await fetch(`${first.url}${operations.pullUpstream.path.replace("{repo_name}", "silent")}`, {
    method: operations.pullUpstream.method,
    headers: { authorization: `Bearer ${token}` },
  });
  await expect.poll(() => gitHost.requests.length).toBeGreaterThan(0);
  const secret = (password: string) => JSON.stringify({ repo_id: repositoryId, password });
  const ends = await slowRequest(first, token, secret("sent in two parts"));
  const hangs = await slowRequest(first, token, secret("never sent whole"));
  const events = await watchedPull(first, organization, "silent");
  const { id: other } = await makeRepository(first.db, organization, "also-silent", upstream);
  const asked = gitHost.requests.length;
  const tested = fetch(`${first.url}${operations.createCredential.path}?test=true`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ repo_id: other, password: "tested at a host that hangs" }),
  }).then(
    ({ status }) => status,
    () => "cut",
  );
  await expect.poll(() => gitHost.requests.length).toBeGreaterThan(asked);

  const started = performance.now();
  const stopped = first.stop();
  await expect.poll(() => refusesConnections(first.url)).toBe(true);
  ends.finish();
  expect(await ends.status).toBe(201);
  await expect(drained(events)).resolves.toBe(true);
  expect(await hangs.status).toBe("ECONNRESET");
  expect(await tested).toBe("cut");
  expect(await stopped).toBe(0);
  expect(performance.now() - started).toBeLessThan(STOPPED_MS);
  expect((await run("ps", ["-eo", "args"])).stdout).not.toContain(folder);

  const second = await startLatchkey(variables);
  const runs = await second.db.syncRun.findMany({ where: { repositoryId }, orderBy: { startedAt: "asc" } });
  expect(runs[0]).toMatchObject({ outcome: "stopped", finishedAt: expect.any(Date) });
  const jobs = await second.db.$queryRaw<unknown[]>`
    SELECT id FROM graphile_worker.jobs WHERE key = ${`pull:${repositoryId}`} AND attempts < max_attempts`;
  expect(jobs).toHaveLength(1);
  expect(await second.db.gitCredential.count({ where: { repositoryId } })).toBe(1);
  await second.stop();
});

test("a stop without anything to wait for does not wait, whatever connections are kept open", async ({ folder }) => {
  const latchkey = await startLatchkey({ LATCHKEY_DATA_DIR: folder });
  const agent = new http.Agent({ keepAlive: true });
  await new Promise<void>((resolve) => {
    http.get(`${latchkey.url}/api/health`, { agent }, (response) => response.resume().once("end", resolve));
  });
  const closed = new Promise((resolve) => Object.values(agent.freeSockets)[0]![0]!.once("close", resolve));
  expect(await latchkey.stop()).toBe(0);
  await closed;
});

test("a stop ends the pages that watch a pull", async ({ folder, page }) => {
  const latchkey = await startLatchkey({ LATCHKEY_DATA_DIR: folder });
  const organization = await makeOrganization(latchkey.db, "acme");
  const { id: repositoryId } = await makeRepository(latchkey.db, organization, "app");
  await latchkey.db.syncRun.create({
    data: { id: "run_watched", repositoryId, requestedBy: "schedule", startedAt: new Date() },
  });
  const who = { email: "ada@example.com", password: PASSWORD };
  await makeMember(latchkey.db, organization, { ...who, role: "viewer" });
  await page.goto(`${latchkey.url}/sign-in`);
  await page.getByLabel("E-mail address").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/acme/repos");
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name.endsWith("latchkey.session"));
  const stream = await fetch(`${latchkey.url}/api/progress/acme/app`, {
    headers: { cookie: `${cookie!.name}=${cookie!.value}` },
  });
  const reader = stream.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('"state":"running"');
  const stopped = latchkey.stop();
  // It ends as an answer does, and is not cut off.
  expect((await reader.read()).done).toBe(true);
  expect(await stopped).toBe(0);
});

test("a stop is in order where nobody listens to what it says any more", async ({ folder }) => {
  const latchkey = await startLatchkey({ LATCHKEY_DATA_DIR: folder });
  latchkey.stopListening();
  expect(await latchkey.stop()).toBe(0);
  expect((await run("ps", ["-eo", "args"])).stdout).not.toContain(folder);
});

for (const [moment, line] of [
  ["makes its database", "Starting the embedded database"],
  ["builds the application", "Building the application"],
] as const) {
  test(`a stop while it ${moment} is over in time and leaves nothing running`, async ({ folder }) => {
    test.slow();
    const [sources, dataDir] = [path.join(folder, "sources"), path.join(folder, "data")];
    mkdirSync(sources);
    // The same program without what was built of it.
    for (const name of readdirSync(".").filter((name) => name !== ".next" && name !== ".git")) {
      symlinkSync(path.resolve(name), path.join(sources, name));
    }
    const launcher = spawn(process.execPath, ["--import", "tsx", "scripts/launch.ts"], {
      cwd: sources,
      env: { PATH: process.env.PATH, NODE_ENV: "production", LATCHKEY_DATA_DIR: dataDir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    for (const stream of [launcher.stdout, launcher.stderr]) {
      stream.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
    }
    await expect.poll(() => printed, { timeout: 150_000 }).toContain(line);
    const started = performance.now();
    launcher.kill("SIGTERM");
    expect(await once(launcher, "exit")).toEqual([0, null]);
    expect(performance.now() - started).toBeLessThan(STOPPED_MS);
    expect(printed).not.toContain("✗");
    await expect.poll(() => survivors(dataDir)).toEqual([]);
  });
}
