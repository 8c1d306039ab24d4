import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import pg from "pg";
import { applyMigrations, shippedMigrations } from "@/lib/platform/database/apply-migrations";
import { startEmbeddedPostgres } from "@/lib/platform/database/embedded-postgres";
import { makeKeyPair } from "@/prisma/factories";
import { PASSWORD } from "./support/fixtures";
import { median } from "@/scripts/soak/verdict";
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
  ] as const) {
    const { code, stderr } = await launch({ [name]: value });
    expect(code, name).toBe(1);
    expect(stderr, name).toMatch(new RegExp(name));
    expect(stderr, name).not.toContain("    at ");
  }
});

test("master keys that cannot be right stop the start before anything is touched", async () => {
  const random = randomBytes(32).toString("base64");
  for (const [keys, sentence] of [
    ["k1:AAAA", "number 1 is malformed"],
    [`k1:${Buffer.alloc(32).toString("base64")}`, '"k1" is a sample'],
    [`k1:${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`, '"k1" is a sample'],
    [`k1:${random},k1:${randomBytes(32).toString("base64")}`, "Two master keys have the same id"],
    [`k1:${random},k2:${random}`, "the same key under different ids"],
    [",", "There is no master key"],
  ] as const) {
    const { code, stderr } = await launch({ LATCHKEY_MASTER_KEYS: keys });
    expect(code, sentence).toBe(1);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain(random.slice(0, 12));
    expect(readdirSync(folder), sentence).toEqual([]);
  }
});

test("a key file that is missing, or holds another key than was used, stops the start and is not made anew", async () => {
  const first = await startLatchkey({ LATCHKEY_DATA_DIR: folder });
  await first.stop();
  const file = path.join(folder, "master-keys");
  const right = readFileSync(file, "utf8");
  rmSync(file);
  const missing = await launch({ PORT: "3998" });
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain(`${file} is missing`);
  expect(readdirSync(folder)).not.toContain("master-keys");
  const wrong = `k1:${randomBytes(32).toString("base64")}\n`;
  writeFileSync(file, wrong);
  const other = await launch({ PORT: "3998" });
  expect(other.code).toBe(1);
  expect(other.stderr).toContain('Master key "k1" is not the key that this database was used with');
  expect(readFileSync(file, "utf8")).toBe(wrong);
  writeFileSync(file, right);
  const again = await startLatchkey({ LATCHKEY_DATA_DIR: folder });
  expect((await fetch(`${again.url}/api/ready`)).status).toBe(200);
  await again.stop();
});

test("wrong keys are refused within five seconds, with the start and the stop of the embedded database", async () => {
  test.slow();
  const postgres = await startEmbeddedPostgres(folder);
  await applyMigrations(postgres.url);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query("INSERT INTO master_key_check (key_id, sealed) VALUES ('k1', $1)", [randomBytes(32)]);
  await client.end();
  await postgres.stop();
  const refused = async (variables: Record<string, string>, sentence: string) => {
    const started = performance.now();
    const { code, stderr } = await launch(variables);
    const ms = performance.now() - started;
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
    return ms;
  };
  const wrong = { LATCHKEY_MASTER_KEYS: `k1:${randomBytes(32).toString("base64")}` };
  const [took, control]: [number[], number[]] = [[], []];
  for (let round = 0; round < 3; round += 1) {
    control.push(await refused({ PORT: "many" }, "PORT"));
    took.push(await refused(wrong, 'Master key "k1" is not the key that this database was used with'));
  }
  // A busy machine is as slow with a start that begins nothing. On one that is not, that takes less than 1.5 seconds.
  const busy = Math.max(1, median(control) / 1_500);
  expect(median(took) / busy).toBeLessThan(5_000);
});

test("with the wrong keys a database is not even migrated", async () => {
  const postgres = await startEmbeddedPostgres(path.join(folder, "elsewhere"));
  const client = new pg.Client({ connectionString: postgres.url });
  try {
    await applyMigrations(postgres.url, shippedMigrations().slice(0, 1));
    await client.connect();
    await client.query("INSERT INTO master_key_check (key_id, sealed) VALUES ('k1', $1)", [randomBytes(32)]);
    const before = await client.query("SELECT migration_name FROM _prisma_migrations");
    for (const [id, sentence] of [
      ["k1", 'Master key "k1" is not the key'],
      ["k2", "was ever used with this database"],
    ]) {
      const { code, stderr } = await launch({
        DATABASE_URL: postgres.url,
        LATCHKEY_MASTER_KEYS: `${id}:${randomBytes(32).toString("base64")}`,
      });
      expect(code).toBe(1);
      expect(stderr).toContain(sentence);
    }
    expect((await client.query("SELECT migration_name FROM _prisma_migrations")).rows).toEqual(before.rows);
    expect((await client.query("SELECT key_id FROM master_key_check")).rows).toEqual([{ key_id: "k1" }]);
  } finally {
    await client.end();
    await postgres.stop();
  }
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
