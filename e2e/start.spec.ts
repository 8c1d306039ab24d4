import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { makeKeyPair } from "@/prisma/factories";
import { PASSWORD } from "./support/fixtures";
import { startLatchkey } from "@/scripts/start-latchkey";

const run = promisify(execFile);

let folder: string;

test.beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-start-"));
});

test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

const launch = (variables: Record<string, string>) =>
  run(process.execPath, ["--import", "tsx", "scripts/launch.ts"], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", LATCHKEY_DATA_DIR: folder, ...variables },
  }).then(
    () => ({ code: 0, stderr: "" }),
    (error: { code: number; stderr: string }) => error,
  );

test("a second start on the same data folder says so and ends; stopping frees it for the next", async () => {
  const first = await startLatchkey({ LATCHKEY_DATA_DIR: folder });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(path.join(folder, "master-keys")).mode & 0o777).toBe(0o600);
  expect(first.output()).toContain("Back it up");
  const second = await launch({ PORT: "3999" });
  expect(second.code).toBe(1);
  expect(second.stderr).toContain("already running on the data folder");
  expect(await first.stop()).toBe(0);
  await expect(fetch(`${first.url}/api/health`)).rejects.toThrow();
  const { stdout } = await run("ps", ["-eo", "args"]);
  expect(stdout).not.toContain(folder);
  const third = await startLatchkey({ LATCHKEY_DATA_DIR: folder });
  expect(third.output()).not.toContain("Back it up");
  expect((await fetch(`${third.url}/api/ready`)).status).toBe(200);
  expect(await third.stop()).toBe(0);
});

test("a value that cannot be stops the start with a sentence that names it", async () => {
  for (const [name, value] of [
    ["PORT", "many"],
    ["LATCHKEY_URL", "latchkey.example.com"],
    ["DATABASE_URL", "mysql://x"],
    ["LATCHKEY_EGRESS_ALLOW", "not a host"],
    ["LOG_LEVEL", "loud"],
    ["AUTH_SECRET", "short"],
    ["LATCHKEY_BOOTSTRAP_FILE", "/nowhere.json"],
    ["LATCHKEY_MASTER_KEYS", "k1:AAAA"],
  ] as const) {
    const { code, stderr } = await launch({ [name]: value });
    expect(code, name).toBe(1);
    expect(stderr, name).toMatch(
      name === "LATCHKEY_MASTER_KEYS" ? /Master key number 1 is malformed/ : new RegExp(name),
    );
    expect(stderr, name).not.toContain("    at ");
  }
});

test("another master key than the one that was used stops the start", async () => {
  const first = await startLatchkey({ LATCHKEY_DATA_DIR: folder });
  await first.stop();
  writeFileSync(path.join(folder, "master-keys"), `k1:${Buffer.alloc(32, "another key!").toString("base64")}\n`);
  const { code, stderr } = await launch({ PORT: "3998" });
  expect(code).toBe(1);
  expect(stderr).toContain('Master key "k1" is not the key that this database was used with');
});

test("the bootstrap file makes organizations, admins and keys once, and a start after that changes nothing", async () => {
  const file = path.join(folder, "bootstrap.json");
  const { publicKeyPem } = makeKeyPair("acme");
  const organization = (slug: string) => ({
    organization: slug,
    admin: { email: "ada@example.com", password: PASSWORD },
    signing_keys: [{ name: "ci", public_key_pem: publicKeyPem }],
  });
  writeFileSync(file, JSON.stringify([organization("acme"), organization("beta")]));
  const variables = { LATCHKEY_DATA_DIR: path.join(folder, "data"), LATCHKEY_BOOTSTRAP_FILE: file };
  const count = async () => {
    const latchkey = await startLatchkey(variables);
    expect(latchkey.output()).not.toContain("/setup?token=");
    const counts = await Promise.all([
      latchkey.db.organization.count(),
      latchkey.db.user.count(),
      latchkey.db.membership.count({ where: { role: "owner" } }),
      latchkey.db.signingKey.count(),
      latchkey.db.auditEvent.count(),
    ]);
    await latchkey.stop();
    return counts;
  };
  const once = await count();
  expect(once.slice(0, 4)).toEqual([2, 1, 2, 2]);
  expect(await count()).toEqual(once);
});
