import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test, type APIRequestContext } from "@playwright/test";
import { makeOrganization, makeRepository, makeSigningKey } from "@/prisma/factories";
import { startLatchkey, type Latchkey } from "@/scripts/start-latchkey";
import { callApi } from "./support/api";

let folder: string;
const running: Latchkey[] = [];

test.beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-keys-"));
});

test.afterEach(async () => {
  for (const latchkey of running.splice(0).reverse()) await latchkey.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(variables: Record<string, string>): Promise<Latchkey> {
  const latchkey = await startLatchkey(variables);
  running.push(latchkey);
  return latchkey;
}

/** `npm run keys -- …` beside the given instance. */
function keys(variables: Record<string, string>, ...args: string[]) {
  const env = { PATH: process.env.PATH, NODE_ENV: "production" as const, ...variables };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, ["--import", "tsx", "scripts/keys.ts", ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

test("two instances change their master key while both serve, and no write is refused or lost", async ({ request }) => {
  test.slow();
  const one = { LATCHKEY_DATA_DIR: path.join(folder, "one") };
  const first = await start(one);
  const firstFile = path.join(one.LATCHKEY_DATA_DIR, "master-keys");
  // The second is another machine, with a copy of the file.
  const secondFile = path.join(folder, "copy");
  copyFileSync(firstFile, secondFile);
  const two = {
    LATCHKEY_DATA_DIR: path.join(folder, "two"),
    DATABASE_URL: first.databaseUrl,
    LATCHKEY_MASTER_KEYS_FILE: secondFile,
  };
  const second = await start(two);
  const organization = await makeOrganization(first.db, "acme");
  const key = await makeSigningKey(first.db, organization);
  const token = await key.token();
  const ids: string[] = [];
  for (let count = 0; count < 20; count += 1) {
    const { id: repo_id } = await makeRepository(first.db, organization, `app-${count}`);
    const body = { repo_id, username: "robot", password: `first-${count}` };
    const created = await callApi(request, "createCredential", { token, body, base: first.url });
    ids.push(((await created.json()) as { id: string }).id);
  }
  const keyIds = async () =>
    (await first.db.credentialSecret.groupBy({ by: ["masterKeyId"] })).map(({ masterKeyId }) => masterKeyId);

  const added = await keys(one, "add");
  // The second has not got it yet, so nobody seals with it.
  expect(added.stderr).toContain("does not have master key");
  expect(await rotate(request, first, token, ids[0]!)).toBe(200);
  expect(await keyIds()).toEqual(["k1"]);

  const writing = new AbortController();
  const refusals: number[] = [];
  let writes = 0;
  const writers = [first, second].map(async (instance, lane) => {
    for (let turn = 0; !writing.signal.aborted; turn += 1) {
      const status = await rotate(request, instance, token, ids[(lane * 7 + turn) % ids.length]!);
      writes += 1;
      // Both may rotate the same one at once, again and again.
      if (status !== 200 && status !== 503) refusals.push(status);
    }
  });
  copyFileSync(firstFile, secondFile);
  const rewrapped = await keys(two, "rewrap");
  expect(rewrapped).toMatchObject({ code: 0, stderr: "" });
  const [fresh] = await keyIds();
  expect(await keyIds()).toEqual([fresh]);
  expect(fresh).not.toBe("k1");
  expect((await keys(one, "list")).stdout).toMatch(new RegExp(`^${fresh} +\\d+ +4 of 4 +4 of 4 +first$`, "m"));
  // The first's file loses the old key; the second's still holds it.
  expect(await keys(one, "retire", "k1")).toMatchObject({ code: 0, stderr: "" });
  await expect
    .poll(async () => (await first.db.keyHolder.findMany()).map(({ keyIds: held }) => held))
    .toEqual(Array.from({ length: 4 }, () => [fresh]));
  writing.abort();
  await Promise.all(writers);
  expect(writes).toBeGreaterThan(0);
  expect(refusals).toEqual([]);
  for (const instance of [first, second]) {
    expect(await rotate(request, instance, token, ids[1]!)).toBe(200);
    expect((await request.get(`${instance.url}/api/ready`)).status()).toBe(200);
  }
  expect(await keyIds()).toEqual([fresh]);
  expect(await first.db.auditEvent.count({ where: { action: "credential.unreadable" } })).toBe(0);
});

/** Keeps the username, so the stored secret is opened on the way. */
async function rotate(request: APIRequestContext, { url }: Latchkey, token: string, id: string): Promise<number> {
  const body = { id, password: `next-${Math.random()}` };
  return (await callApi(request, "rotateCredential", { token, body, base: url })).status();
}
