import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openPromise } from "yauzl";
import { ZipFile } from "yazl";
import type { MemberActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { checkMasterKeys } from "@/lib/domain/vault/check-master-keys";
import { totpBinding } from "@/lib/domain/second-factor/totp-binding";
import { keyCheckValue, parseKeyRing } from "@/lib/domain/vault/key-ring";
import { createVault } from "@/lib/domain/vault/vault";
import { BACKED_UP, LEFT_OUT } from "@/lib/platform/backup/backed-up-tables";
import { BackupRefused } from "@/lib/platform/backup/backup-refused";
import { connect } from "@/lib/platform/backup/connect";
import { openBackup, type Backup } from "@/lib/platform/backup/read-backup";
import { restoreBackup } from "@/lib/platform/backup/restore-backup";
import { beginSnapshot } from "@/lib/platform/backup/snapshot";
import { writeBackup } from "@/lib/platform/backup/write-backup";
import { shippedMigrations } from "@/lib/platform/database/apply-migrations";
import { createDatabaseClient } from "@/lib/platform/database/client";
import { prepareJobQueue } from "@/lib/platform/database/prepare-job-queue";
import { makeContext, makeMember, makeOrganization, makeKeyRing, makeRepository } from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
const ring = makeKeyRing("test");
/** A prime, so that every part of the file is met. */
const STEP = 31;
const PASSWORD = "marker-of-a-stored-password";
let folder: string;
let file: string;
let ctx: Context;
let credential: { id: string };
let repository: { id: string; name: string };

const NEWER = {
  name: "99990101000000_number_organizations",
  sql: `ALTER TABLE organization ADD COLUMN number bigserial`,
  checksum: "0".repeat(64),
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-backup-"));
  file = path.join(folder, "one.zip");
  const { db } = database;
  await checkMasterKeys(db, ring);
  const acme = await makeOrganization(db, "acme");
  const actor = await makeMember(db, acme, { email: "ada@example.com", password: "correct horse", role: "owner" });
  ctx = makeContext(db, actor);
  repository = await makeRepository(db, acme, "app");
  credential = await createCredential(ctx, { repository: repository.id, username: "git", password: PASSWORD });
  const later = new Date(Date.now() + 3_600_000);
  await db.session.create({ data: { id: "ses_1", userId: actor.userId, expiresAt: later } });
  await db.oneTimeLink.create({ data: { tokenHash: "t", purpose: "reset", userId: actor.userId, expiresAt: later } });
  await db.invitation.create({
    data: {
      ...{ id: "inv_1", organizationId: acme.id, email: "bob@example.com", role: "owner" },
      ...{ tokenHash: "u", invitedBy: "ada", expiresAt: later },
    },
  });
  await db.mirrorHead.create({ data: { repositoryId: repository.id, ref: "refs/heads/main", objectId: "0" } });
  await db.syncRun.create({
    data: { id: "run_1", repositoryId: repository.id, requestedBy: "schedule", startedAt: new Date() },
  });
  await db.repository.update({ where: { id: repository.id }, data: { nextPullAt: new Date(0) } });
  await writeBackup(file, { connectionString: database.url, ring });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A database that nobody has touched. */
async function emptyDatabase(): Promise<string> {
  const admin = inject("postgresUrl");
  const name = `restored_${randomBytes(6).toString("hex")}`;
  await query(admin, `CREATE DATABASE ${name}`);
  return admin.replace("/postgres?", `/${name}?`);
}

async function query<T extends object>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

const tablesOf = async (url: string) =>
  (await query<{ name: string }>(url, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")).map(
    ({ name }) => name,
  );

const count = async (url: string, what: string) =>
  (await query<{ n: number }>(url, `SELECT count(*)::int AS n FROM ${what}`))[0]!.n;

async function restore(from: string, to: string, options: { acceptDamage?: boolean; keys?: typeof ring } = {}) {
  const { keys = ring, acceptDamage = false } = options;
  const backup = await openBackup(from, keys);
  try {
    return await restoreBackup(backup, { connectionString: to, ring: keys, acceptDamage });
  } finally {
    backup.close();
  }
}

/** The file's entries, by name. */
async function entriesOf(name: string): Promise<Map<string, Buffer>> {
  const zip = await openPromise(name, { autoClose: false });
  const entries = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    entries.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  zip.close();
  return entries;
}

describe("a backup", () => {
  it("knows of every table whether it belongs in it", async () => {
    const tables = await query<{ name: string }>(
      database.url,
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    );
    const known = [...BACKED_UP, ...Object.keys(LEFT_OUT)];
    expect(tables.map(({ name }) => name).sort()).toEqual(known.sort());
  });

  it("names every master key that its secrets need, of whatever table", async () => {
    const { db } = database;
    const both = makeKeyRing("test", "k1");
    await db.masterKeyCheck.create({ data: { keyId: "k1", sealed: Uint8Array.from(keyCheckValue(both.get("k1")!)) } });
    const { userId } = ctx.actor as MemberActor;
    const vault = createVault(() => makeKeyRing("k1"));
    await db.secondFactor.create({ data: { userId, ...vault.sealText(totpBinding(userId), "of no matter") } });
    const named = path.join(folder, "named.zip");
    await writeBackup(named, { connectionString: database.url, ring: both });
    const backup = await openBackup(named, both);
    expect(backup.manifest.keys.map(({ id, secrets }) => [id, secrets])).toEqual([
      ["test", 2],
      ["k1", 1],
    ]);
    backup.close();
    await db.secondFactor.deleteMany();
    await db.masterKeyCheck.delete({ where: { keyId: "k1" } });
  });

  it("comes back whole: secrets open, the audit log goes on, and what it must not bring is not there", async () => {
    const url = await emptyDatabase();
    expect(await restore(file, url)).toEqual({ secrets: 2, unreadable: [], chains: 1, brokenChains: [] });
    const db = createDatabaseClient(url);
    const restored = { ...ctx, db };
    const found = await findCredential(restored, credential.id);
    expect(await withOpenSecret(restored, found, (secret) => secret)).toEqual({ username: "git", password: PASSWORD });
    // As the next start does, before anything can be rotated.
    await prepareJobQueue(url);
    await rotateCredential(restored, { id: credential.id, password: "after the restore" });
    const actions = await db.auditEvent.findMany({ orderBy: { seq: "asc" }, select: { action: true } });
    expect(actions.map(({ action }) => action)).toEqual([
      "credential.created",
      "organization.restored",
      "credential.rotated",
    ]);
    expect(await db.syncRun.findMany()).toMatchObject([{ id: "run_1", outcome: "stopped" }]);
    const { nextPullAt } = await db.repository.findUniqueOrThrow({ where: { id: repository.id } });
    expect(nextPullAt!.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(nextPullAt!.getTime()).toBeLessThan(Date.now() + 3_660_000);
    const gone = await Promise.all([
      db.session.count(),
      db.oneTimeLink.count(),
      db.invitation.count(),
      db.mirrorHead.count(),
    ]);
    expect(gone).toEqual([0, 0, 0, 0]);
    await db.$disconnect();
    const again = path.join(folder, "again.zip");
    await writeBackup(again, { connectionString: url, ring });
    const audit = (await restore(again, await emptyDatabase())).brokenChains;
    expect(audit).toEqual([]);
  });

  it("means the same times whatever way of writing them the databases are set to, and whatever their patience", async () => {
    const [from, to] = [await emptyDatabase(), await emptyDatabase()];
    await restore(file, from);
    await query(from, "UPDATE git_credential SET created_at = '2026-02-01 03:04:05.678Z', expires_at = '2027-12-11Z'");
    const times = `SELECT extract(epoch FROM created_at)::text AS made, extract(epoch FROM expires_at)::text AS ends
      FROM git_credential`;
    const before = await query(from, times);
    for (const [url, style] of [
      [from, "SQL, DMY"],
      [to, "German"],
    ] as const) {
      const name = new URL(url).pathname.slice(1);
      await query(url, `ALTER DATABASE ${name} SET datestyle = '${style}'`);
      await query(url, `ALTER DATABASE ${name} SET statement_timeout = '1h'`);
      await query(url, `ALTER DATABASE ${name} SET idle_in_transaction_session_timeout = '1h'`);
    }
    const dated = path.join(folder, "dated.zip");
    await writeBackup(dated, { connectionString: from, ring });
    await restore(dated, to);
    expect(await query(to, times)).toEqual(before);
    const client = await connect(to);
    for (const limit of ["statement_timeout", "idle_in_transaction_session_timeout"]) {
      expect((await client.query(`SHOW ${limit}`)).rows).toEqual([{ [limit]: "0" }]);
    }
    await client.end();
  });

  it("holds no secret and no key, is its owner's alone, and leaves nothing beside it", async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
    const entries = await entriesOf(file);
    expect(entries.get("tables/git_credential.copy")!.toString()).toContain(credential.id);
    for (const secret of [Buffer.from(PASSWORD), ring.primary.key]) {
      for (const [name, content] of entries) {
        for (const encoding of ["latin1", "base64", "hex"] as const) {
          expect(content.includes(secret.toString(encoding).replace(/=+$/, "")), `${encoding} in ${name}`).toBe(false);
        }
      }
    }
  });

  it("is as of one moment, however much is written meanwhile", async () => {
    const url = database.url;
    const reader = new pg.Client({ connectionString: url });
    await reader.connect();
    await beginSnapshot(reader, shippedMigrations());
    await rotateCredential(ctx, { id: credential.id, password: PASSWORD });
    const seen = await reader.query<{ version: number }>("SELECT current_version AS version FROM git_credential");
    expect(seen.rows).toEqual([{ version: 1 }]);
    await expect(query(url, "SET lock_timeout = 50; ALTER TABLE git_credential ADD COLUMN x int")).rejects.toThrow(
      "lock timeout",
    );
    await reader.end();

    let writing = true;
    const writer = (async () => {
      for (let made = 0; writing; made += 1) {
        const { id, name } = await makeRepository(
          ctx.db,
          { id: ctx.actor.organizationId, slug: "acme" },
          `made-${made}`,
        );
        await createCredential(ctx, { repository: id, password: name });
      }
    })();
    const meanwhile = path.join(folder, "meanwhile.zip");
    for (let round = 0; round < 3; round += 1) {
      await writeBackup(meanwhile, { connectionString: url, ring });
      const restored = await emptyDatabase();
      const { secrets, brokenChains } = await restore(meanwhile, restored);
      const credentials = await count(restored, "git_credential");
      // Each credential's current one and, of the one that was rotated, the previous; and the fingerprints' key.
      expect(secrets).toBe((await count(restored, "credential_secret")) + (await count(restored, "fingerprint_key")));
      expect(await count(restored, "audit_event WHERE action = 'credential.created'")).toBe(credentials);
      expect(brokenChains).toEqual([]);
      rmSync(meanwhile);
    }
    writing = false;
    await writer;
  });

  it("is not written over another, nor with keys of another database, nor in part", async () => {
    await expect(writeBackup(file, { connectionString: database.url, ring })).rejects.toThrow("exists already");
    const other = path.join(folder, "other.zip");
    const keys = parseKeyRing(`test:${randomBytes(32).toString("base64")}`);
    const wrong = writeBackup(other, { connectionString: database.url, ring: keys });
    await expect(wrong).rejects.toThrow("None of the master keys at hand");
    const stopped = writeBackup(other, { connectionString: database.url, ring, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow("aborted");
    const nowhere = writeBackup(path.join(folder, "none", "file.zip"), { connectionString: database.url, ring });
    await expect(nowhere).rejects.toThrow("could not be written (ENOENT)");
    const older = writeBackup(other, {
      connectionString: database.url,
      ring,
      migrations: [...shippedMigrations(), NEWER],
    });
    await expect(older).rejects.toThrow("not at this program's version");
    await expect(writeBackup(other, { connectionString: await emptyDatabase(), ring })).rejects.toThrow(
      "Start Latchkey",
    );
    expect(readdirSync(folder).filter((name) => name.includes("other"))).toEqual([]);
  });
});

describe("a file that is not as it was written", () => {
  it("is refused wherever it is cut short, and wherever a table's bytes are changed", async () => {
    const whole = readFileSync(file);
    const changed = path.join(folder, "changed.zip");
    for (const share of [0, 0.1, 0.5, 0.9, 0.999]) {
      writeFileSync(changed, whole);
      truncateSync(changed, Math.floor(whole.length * share));
      await expect(openBackup(changed, ring)).rejects.toThrow(BackupRefused);
    }
    const original = (await openBackup(file, ring)).manifest;
    let [refused, tried] = [0, 0];
    for (let at = 0; at < whole.length; at += STEP) {
      tried += 1;
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0x10;
      writeFileSync(changed, bytes);
      // A few bytes of a zip say nothing, such as times and modes: then what is read is what was written.
      const read = await openBackup(changed, ring).then(
        (backup) => {
          backup.close();
          return backup.manifest;
        },
        (error: unknown) => {
          expect(error).toBeInstanceOf(BackupRefused);
          refused += 1;
          return original;
        },
      );
      expect(read).toEqual(original);
    }
    expect(refused).toBeGreaterThan(tried / 2);
  });

  it("is refused where somebody without a key has changed it and put all hashes right", async () => {
    const entries = await entriesOf(file);
    const members = entries.get("tables/membership.copy")!.toString("utf8");
    expect(members).toContain("owner");
    const forged = Buffer.from(members.replace("owner", "admin"));
    const manifest = JSON.parse(entries.get("manifest.json")!.toString("utf8")) as {
      tables: { name: string; sha256: string; bytes: number }[];
    };
    const table = manifest.tables.find(({ name }) => name === "membership")!;
    Object.assign(table, { sha256: createHash("sha256").update(forged).digest("hex"), bytes: forged.length });
    entries.set("tables/membership.copy", forged).set("manifest.json", Buffer.from(JSON.stringify(manifest)));
    const zip = new ZipFile();
    for (const [name, content] of entries) zip.addBuffer(content, name);
    zip.end();
    const name = path.join(folder, "forged.zip");
    writeFileSync(name, await buffer(zip.outputStream));
    await expect(openBackup(name, ring)).rejects.toThrow("was changed after it was written");
  });

  it("is refused by other keys, and by those of the same name", async () => {
    const other = randomBytes(32).toString("base64");
    await expect(openBackup(file, parseKeyRing(`new:${other}`))).rejects.toThrow('needs master key "test"');
    await expect(openBackup(file, parseKeyRing(`test:${other}`))).rejects.toThrow("is not the key of that name");
    await expect(openBackup(path.join(folder, "nowhere.zip"), ring)).rejects.toThrow("cannot be read");
    writeFileSync(path.join(folder, "text.zip"), "not a zip at all");
    await expect(openBackup(path.join(folder, "text.zip"), ring)).rejects.toThrow("is damaged");
  });
});

describe("restoring", () => {
  it("refuses a database that holds anything, and leaves it as it is", async () => {
    const used = await emptyDatabase();
    await restore(file, used);
    const before = await count(used, "audit_event");
    await expect(restore(file, used)).rejects.toThrow("is not empty");
    expect(await count(used, "audit_event")).toBe(before);
    const newer = await emptyDatabase();
    await restoreBackupWith(newer, [...shippedMigrations(), NEWER]);
    await query(newer, `TRUNCATE ${BACKED_UP.map((name) => `"${name}"`).join(", ")} CASCADE`);
    await expect(restore(file, newer)).rejects.toThrow(NEWER.name);
  });

  it("refuses a database with somebody else's table or a job in its queue, and makes nothing there", async () => {
    const others = await emptyDatabase();
    await query(others, "CREATE TABLE invoice (id int)");
    await expect(restore(file, others)).rejects.toThrow('has a table "invoice"');
    expect(await tablesOf(others)).toEqual(["invoice"]);
    const queued = await emptyDatabase();
    await prepareJobQueue(queued);
    await query(queued, "SELECT graphile_worker.add_job('pull', '{}'::json)");
    await expect(restore(file, queued)).rejects.toThrow("jobs wait in its queue");
    expect(await tablesOf(queued)).toEqual([]);
    await query(queued, "DELETE FROM graphile_worker._private_jobs");
    expect(await restore(file, queued)).toMatchObject({ secrets: 2 });
  });

  it("leaves nothing of what it began where it fails, and can be done again", async () => {
    const url = await emptyDatabase();
    const backup = await openBackup(file, ring);
    const failing: Backup = {
      ...backup,
      read: (table, to, signal) =>
        table.name === "audit_event" ? Promise.reject(new Error("the disk is gone")) : backup.read(table, to, signal),
    };
    const target = { connectionString: url, ring, acceptDamage: false };
    await expect(restoreBackup(failing, target)).rejects.toThrow("the disk is gone");
    for (const name of BACKED_UP) expect(await count(url, `"${name}"`), name).toBe(0);
    expect(await restoreBackup(backup, target)).toMatchObject({ secrets: 2 });
    backup.close();
  });

  it("brings an older backup up to date, and refuses a newer one", async () => {
    const migrations = [...shippedMigrations(), NEWER];
    const url = await emptyDatabase();
    await restoreBackupWith(url, migrations);
    expect(await query(url, "SELECT number::int FROM organization")).toEqual([{ number: 1 }]);
    await query(url, "UPDATE organization SET number = 41");
    const numbered = path.join(folder, "numbered.zip");
    await writeBackup(numbered, { connectionString: url, ring, migrations });
    await expect(restore(numbered, await emptyDatabase())).rejects.toThrow("made by a newer Latchkey");
    const copy = await emptyDatabase();
    await restoreBackupWith(copy, migrations, numbered);
    await query(copy, "INSERT INTO organization (id, slug) VALUES ('org_next', 'next')");
    expect(await query(copy, "SELECT number::int FROM organization WHERE slug = 'next'")).toEqual([{ number: 42 }]);
    const edited = shippedMigrations().map((migration) => ({ ...migration, checksum: "1".repeat(64) }));
    await expect(restoreBackupWith(await emptyDatabase(), edited)).rejects.toThrow("is not the one");
  });

  it("does not call whole what was broken before it was backed up, and takes it only when told to", async () => {
    const broken = await emptyDatabase();
    await restore(file, broken);
    await query(broken, `UPDATE credential_secret SET sealed = set_byte(sealed, 100, get_byte(sealed, 100) # 1)`);
    await query(broken, `UPDATE audit_event SET payload = replace(payload, 'ada', 'eve') WHERE seq = 1`);
    const damaged = path.join(folder, "damaged.zip");
    await writeBackup(damaged, { connectionString: broken, ring });
    const url = await emptyDatabase();
    await expect(restore(damaged, url)).rejects.toThrow(credential.id);
    await expect(restore(damaged, url)).rejects.toThrow("The audit log is not whole in: acme");
    expect(await count(url, "git_credential")).toBe(0);
    const proof = await restore(damaged, url, { acceptDamage: true });
    expect(proof).toEqual({ secrets: 1, unreadable: [credential.id], chains: 1, brokenChains: ["acme"] });
  });

  it.each([
    ["is missing", "DELETE FROM audit_event WHERE seq = 1"],
    ["is at the end", "DELETE FROM audit_event WHERE seq = 2"],
    ["is in the head", "UPDATE audit_chain SET hash = sha256('x')"],
    ["is a doubled start", "UPDATE audit_event SET prev_hash = sha256('x') WHERE seq = 1"],
    ["is filed under something else", "UPDATE audit_event SET actor = 'eve' WHERE seq = 1"],
  ])("finds what is wrong with an audit log where it %s", async (_, change) => {
    const url = await emptyDatabase();
    await restore(file, url);
    await query(url, change);
    const name = path.join(folder, `${randomBytes(4).toString("hex")}.zip`);
    await writeBackup(name, { connectionString: url, ring });
    await expect(restore(name, await emptyDatabase())).rejects.toThrow("The audit log is not whole in: acme");
  });
});

async function restoreBackupWith(url: string, migrations: ReturnType<typeof shippedMigrations>, from = file) {
  const backup = await openBackup(from, ring);
  try {
    return await restoreBackup(backup, { connectionString: url, ring, acceptDamage: false, migrations });
  } finally {
    backup.close();
  }
}
