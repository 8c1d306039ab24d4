import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verifyChain } from "@/lib/domain/audit/verify-chain";
import type { Context, Transaction } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { cancelImport } from "@/lib/domain/imports/cancel-import";
import { openImportSecret } from "@/lib/domain/imports/import-secret";
import { prepareImport } from "@/lib/domain/imports/prepare-import";
import { newId } from "@/lib/domain/new-id";
import { beginSecondFactor } from "@/lib/domain/second-factor/begin-second-factor";
import { openTotpSecret } from "@/lib/domain/second-factor/open-totp-secret";
import { cancelRotation } from "@/lib/domain/rotations/cancel-rotation";
import { openRotationSecret } from "@/lib/domain/rotations/rotation-secret";
import { requestRotation } from "@/lib/domain/rotations/request-rotation";
import { SEALED_TABLES } from "@/lib/domain/vault/sealed-tables";
import { addWebhook } from "@/lib/domain/webhooks/add-webhook";
import { openWebhookSecret } from "@/lib/domain/webhooks/open-webhook-secret";
import { addKey } from "@/lib/domain/vault/add-key";
import { checkMasterKeys } from "@/lib/domain/vault/check-master-keys";
import { holdKeys, letGoOfKeys, liveHolders } from "@/lib/domain/vault/hold-keys";
import type { KeyFile } from "@/lib/domain/vault/key-file";
import { parseKeyRing, type KeyRing } from "@/lib/domain/vault/key-ring";
import { listKeys } from "@/lib/domain/vault/list-keys";
import { withKeysLocked } from "@/lib/domain/vault/lock-keys";
import { rememberKeys } from "@/lib/domain/vault/remember-keys";
import { retireKey } from "@/lib/domain/vault/retire-key";
import { rewrapSecrets } from "@/lib/domain/vault/rewrap-secrets";
import { createVault } from "@/lib/domain/vault/vault";
import { keyFile } from "@/lib/platform/key-file";
import {
  makeContext,
  makeKeyRing,
  makeMember,
  makeOrganization,
  makeRepository,
  makeSealedCredentials,
  memberActor,
  type MadeOrganization,
} from "@/prisma/factories";
import { cutAfterCommit } from "./support/cut-after-commit";
import { useDatabase } from "./support/database";
import { someoneWaits } from "./support/someone-waits";
import { steppingDatabase, Steps } from "./support/steps";

const database = useDatabase();
const PASSWORD = "correct horse battery staple";
let acme: MadeOrganization;
let other: MadeOrganization;
let counter = 0;

/** What a process with these keys works with; the first seals. */
const having = (...keyIds: string[]): Context =>
  makeContext(database.db, memberActor(acme), { vault: createVault(() => makeKeyRing(...keyIds)) });
const know = (...keyIds: string[]) =>
  withKeysLocked(having(...keyIds), (tx) => rememberKeys(tx, having(...keyIds), "test", makeKeyRing(...keyIds)));
const stored = async (ctx: Context, id: string) =>
  withOpenSecret(ctx, await findCredential(ctx, id), ({ password }) => password);
const secretRow = (id: string) => database.db.credentialSecret.findFirstOrThrow({ where: { credentialId: id } });
const rewrapTo = (ctx: Context) => rewrapSecrets(ctx, "test", ctx.vault.keyRing, () => undefined);
const events = (action: string) =>
  database.db.auditEvent.findMany({ where: { action }, orderBy: [{ at: "desc" }, { seq: "desc" }] });
/** What an organization's log says of each of these events, the oldest first. */
const recorded = async (action: string, { id: organizationId }: MadeOrganization) => {
  const rows = await database.db.auditEvent.findMany({ where: { action, organizationId }, orderBy: { seq: "asc" } });
  return rows.map(({ payload }) => (JSON.parse(payload) as { details: unknown }).details);
};
/** A client with which `act` happens once, after a batch of this table was read and before any of it is written. */
const afterReading = (table: string, act: () => Promise<unknown>): Context["db"] => {
  let done = false;
  return database.db.$extends({
    query: {
      async $queryRaw({ args, query }): Promise<unknown> {
        const rows: unknown = await query(args);
        if (!done && args.sql.includes(`FROM ${table}`) && args.sql.includes("LIMIT")) {
          done = true;
          await act();
        }
        return rows;
      },
    },
  }) as unknown as Context["db"];
};
const newMember = (organization: MadeOrganization) =>
  makeMember(database.db, organization, {
    email: `member-${(counter += 1)}@example.com`,
    password: PASSWORD,
    role: "viewer",
  });
const totpSecret = async (userId: string) => {
  const { masterKeyId, sealed } = await database.db.secondFactor.findUniqueOrThrow({ where: { userId } });
  return openTotpSecret(having("two"), userId, { masterKeyId, sealed });
};
const newRepository = () => makeRepository(database.db, acme, `app-${(counter += 1)}`);

beforeAll(async () => {
  acme = await makeOrganization(database.db, "acme");
  other = await makeOrganization(database.db, "other");
  await know("one", "two", "three");
  // A process opens an organization's fingerprint key once: after this no test but its own meets one.
  for (const organization of [acme, other]) {
    const { id: repository } = await makeRepository(database.db, organization, "first");
    await createCredential({ ...having("one"), actor: memberActor(organization) }, { repository, password: "x" });
  }
  await database.db.fingerprintKey.deleteMany();
});

beforeEach(async () => {
  await database.db.repository.deleteMany();
  await database.db.keyHolder.deleteMany();
});

describe("rewrapping", () => {
  it("seals every secret under the first key without opening it, and is recorded by organization", async () => {
    const mine = await makeSealedCredentials(database.db, acme, makeKeyRing("one"), 230);
    await makeSealedCredentials(database.db, other, makeKeyRing("two"), 5);
    const before = await secretRow(mine[0]!.id);
    const ctx = having("three", "two", "one");
    const told: [number, number][] = [];
    const { rewrapped, unreadable } = await rewrapSecrets(ctx, "test", ctx.vault.keyRing, (done, total) =>
      told.push([done, total]),
    );
    expect({ rewrapped, unreadable }).toEqual({ rewrapped: 235, unreadable: [] });
    expect(told.at(-1)).toEqual([235, 235]);
    expect(await database.db.credentialSecret.count({ where: { masterKeyId: "three" } })).toBe(235);
    const after = await secretRow(mine[0]!.id);
    expect(after.version).toBe(before.version);
    // Format, nonce, wrapped key and tag; the rest is the sealed secret.
    expect(Buffer.from(after.sealed.slice(61))).toEqual(Buffer.from(before.sealed.slice(61)));
    expect(Buffer.from(after.sealed.slice(0, 61))).not.toEqual(Buffer.from(before.sealed.slice(0, 61)));
    for (const { id, repositoryId } of mine) expect(await stored(having("three"), id)).toBe(repositoryId);
    await expect(stored(having("one"), mine[0]!.id)).rejects.toMatchObject({ code: "credential_unreadable" });
    expect(await recorded("master_key.rewrap_started", acme)).toEqual([{ key: "three", secrets: 230 }]);
    expect(await recorded("master_key.rewrap_started", other)).toEqual([{ key: "three", secrets: 5 }]);
    expect(await recorded("master_key.rewrapped", acme)).toEqual(
      [100, 100, 30].map((secrets) => ({ key: "three", secrets })),
    );
    expect(await recorded("master_key.rewrapped", other)).toEqual([{ key: "three", secrets: 5 }]);
    expect(await rewrapTo(ctx)).toEqual({ rewrapped: 0, unreadable: [] });
  });

  it("puts every batch on record with it, and leaves alone what cannot be recorded", async () => {
    await makeSealedCredentials(database.db, acme, makeKeyRing("one"), 3);
    await database.db.$executeRawUnsafe(
      "ALTER TABLE audit_event ADD CONSTRAINT refuse CHECK (action <> 'master_key.rewrapped') NOT VALID",
    );
    await expect(rewrapTo(having("two", "one"))).rejects.toThrow("refuse");
    await database.db.$executeRawUnsafe("ALTER TABLE audit_event DROP CONSTRAINT refuse");
    expect(await database.db.credentialSecret.count({ where: { masterKeyId: "one" } })).toBe(3);
  });

  it("goes on where a run was interrupted", async () => {
    const made = await makeSealedCredentials(database.db, acme, makeKeyRing("one"), 250);
    const ctx = having("two", "one");
    const killed = rewrapSecrets(ctx, "test", ctx.vault.keyRing, () => {
      throw new Error("killed");
    });
    await expect(killed).rejects.toThrow("killed");
    expect(await database.db.credentialSecret.count({ where: { masterKeyId: "two" } })).toBe(100);
    expect((await recorded("master_key.rewrapped", acme)).at(-1)).toEqual({ key: "two", secrets: 100 });
    expect(await rewrapTo(ctx)).toEqual({ rewrapped: 150, unreadable: [] });
    for (const { id, repositoryId } of made) expect(await stored(ctx, id)).toBe(repositoryId);
  });

  it("leaves alone what is rotated or removed after it was read, and meets it again", async () => {
    const [rotated, removed, kept] = await makeSealedCredentials(database.db, acme, makeKeyRing("one"), 3);
    const late = having("one");
    const ctx = having("two", "one");
    // Another process, which seals with the old key still.
    const db = afterReading("credential_secret", async () => {
      await rotateCredential(late, { id: rotated!.id, password: "newer" });
      await removeCredential(late, { id: removed!.id });
    });
    // The kept one, and of the rotated one both the secret in use and the one to go back to.
    expect(await rewrapTo({ ...ctx, db })).toEqual({ rewrapped: 3, unreadable: [] });
    expect(await database.db.credentialSecret.count({ where: { masterKeyId: "two" } })).toBe(3);
    expect(await stored(having("two"), rotated!.id)).toBe("newer");
    expect(await stored(having("two"), kept!.id)).toBe(kept!.repositoryId);
    await expect(stored(having("two"), removed!.id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("brings back no secret of a rotation or an import that ends after it was read", async () => {
    const fresh = await makeOrganization(database.db, `fresh-${(counter += 1)}`);
    const as = (...keyIds: string[]) => ({ ...having(...keyIds), actor: memberActor(fresh) });
    const { id: repository } = await makeRepository(database.db, fresh, "app");
    const { id } = await createCredential(as("one"), { repository, password: "shared" });
    const rotation = await requestRotation(as("one"), { id, password: "next" });
    const cancelling = afterReading("rotation", () => cancelRotation(as("one"), { id: rotation.id }));
    // The credential and the key of the fingerprints.
    expect(await rewrapTo({ ...as("two", "one"), db: cancelling })).toEqual({ rewrapped: 2, unreadable: [] });
    const ended = await database.db.rotation.findUniqueOrThrow({ where: { id: rotation.id } });
    expect(ended).toMatchObject({ masterKeyId: null, sealed: null });

    const text = "https://gitlab.com/acme/a,bot,first";
    const { id: importId } = await prepareImport(as("one"), { text, provider: null });
    const stopping = afterReading("import_item", () => cancelImport(as("one"), { id: importId }));
    expect(await rewrapTo({ ...as("two", "one"), db: stopping })).toEqual({ rewrapped: 0, unreadable: [] });
    const items = await database.db.importItem.findMany({ where: { importId } });
    expect(items).toMatchObject([{ masterKeyId: null, sealed: null }]);
    await database.db.organization.delete({ where: { id: fresh.id } });
  });

  it("leaves a second factor that is begun anew after it was read as it is, and meets it again", async () => {
    const actor = await newMember(acme);
    const begin = () =>
      beginSecondFactor(having("one"), { userId: actor.userId, email: actor.email, current: PASSWORD });
    await begin();
    let secret = "";
    const db = afterReading("second_factor", async () => ({ secret } = await begin()));
    expect(await rewrapTo({ ...having("two", "one"), db })).toEqual({ rewrapped: 0, unreadable: [] });
    expect(await rewrapTo(having("two", "one"))).toEqual({ rewrapped: 1, unreadable: [] });
    expect(await totpSecret(actor.userId)).toBe(secret);
    await database.db.user.delete({ where: { id: actor.userId } });
  });

  it("reaches second factors, on record in one organization of their users", async () => {
    const [first, last] = [acme, other].sort((one, two) => (one.id < two.id ? -1 : 1));
    const both = await newMember(last!);
    await database.db.membership.create({
      data: { organizationId: first!.id, userId: both.userId, role: "viewer" },
    });
    const nowhere = await newMember(acme);
    await database.db.membership.deleteMany({ where: { userId: nowhere.userId } });
    const secrets: [string, string][] = [];
    for (const { userId, email } of [both, nowhere]) {
      const { secret } = await beginSecondFactor(having("one"), { userId, email, current: PASSWORD });
      secrets.push([userId, secret]);
    }
    const count = () => database.db.auditEvent.count({ where: { action: "master_key.rewrapped" } });
    const before = await count();
    expect(await rewrapTo(having("two", "one"))).toEqual({ rewrapped: 2, unreadable: [] });
    for (const [userId, secret] of secrets) {
      expect(await totpSecret(userId)).toBe(secret);
      await database.db.user.delete({ where: { id: userId } });
    }
    expect((await recorded("master_key.rewrapped", first!)).at(-1)).toEqual({ key: "two", secrets: 1 });
    expect(await count()).toBe(before + 1);
  });

  it("leaves what is sealed under a key that came since, which is none of the damaged", async () => {
    await know("newer");
    await makeSealedCredentials(database.db, acme, makeKeyRing("newer"), 1);
    expect(await rewrapTo(having("two", "one"))).toEqual({ rewrapped: 0, unreadable: [] });
  });

  it("does not wait for a row that a transaction holds, and takes it later", async () => {
    const [held] = await makeSealedCredentials(database.db, acme, makeKeyRing("one"), 2);
    const ctx = having("two", "one");
    await database.db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM credential_secret WHERE credential_id = ${held!.id} FOR UPDATE`;
      expect((await rewrapTo(ctx)).rewrapped).toBe(1);
    });
    expect((await rewrapTo(ctx)).rewrapped).toBe(1);
  });

  it("loses no rotation that was answered, with many at once", async () => {
    const made = await makeSealedCredentials(database.db, acme, makeKeyRing("one"), 300);
    const ctx = having("two", "one");
    const last = new Map(made.map(({ id, repositoryId }) => [id, repositoryId]));
    let done = false;
    const rotate = async (lane: number) => {
      for (let turn = 0; !done; turn += 1) {
        const { id } = made[(lane + 4 * turn) % made.length]!;
        await rotateCredential(turn % 2 ? ctx : having("one", "two"), { id, password: `${lane}-${turn}` });
        last.set(id, `${lane}-${turn}`);
      }
    };
    const lanes = [0, 1, 2, 3].map(rotate);
    await rewrapTo(ctx).finally(() => (done = true));
    await Promise.all(lanes);
    await rewrapTo(ctx);
    expect(await database.db.credentialSecret.count({ where: { masterKeyId: { not: "two" } } })).toBe(0);
    for (const [id, password] of last) expect(await stored(having("two"), id)).toBe(password);
  });

  it("reaches the secrets of webhooks too", async () => {
    const { id } = await addWebhook(having("one"), {
      url: "https://ci.example.com/hook",
      secret: "whsec_of-the-tests-alone",
      events: ["repo.sync.failed"],
    });
    const ctx = having("two", "one");
    await expect(retireKey(ctx, "test", "one", { ring: ctx.vault.keyRing })).rejects.toThrow(
      "1 secret is still sealed",
    );
    expect(await rewrapTo(ctx)).toEqual({ rewrapped: 1, unreadable: [] });
    const include = { organization: { select: { slug: true } } };
    const webhook = await database.db.webhook.findUniqueOrThrow({ where: { id }, include });
    expect(webhook.masterKeyId).toBe("two");
    expect((await openWebhookSecret(having("two"), webhook))?.toString()).toBe("whsec_of-the-tests-alone");
    await database.db.webhook.deleteMany();
  });

  it("reaches every table that holds something sealed", async () => {
    const tables = await database.db.$queryRaw<{ table_name: string }[]>`
      SELECT table_name FROM information_schema.columns
      WHERE table_schema = current_schema() AND column_name = 'master_key_id' ORDER BY table_name`;
    expect(tables.map(({ table_name }) => table_name)).toEqual(SEALED_TABLES.map(({ name }) => name).sort());
  });

  it("reaches the new secret of a rotation that runs, and the key of an organization's fingerprints", async () => {
    const fresh = await makeOrganization(database.db, `fresh-${(counter += 1)}`);
    const as = (...keyIds: string[]) => ({ ...having(...keyIds), actor: memberActor(fresh) });
    const { id: repository } = await makeRepository(database.db, fresh, "app");
    const { id } = await createCredential(as("one"), { repository, password: "shared" });
    const rotation = await requestRotation(as("one"), { id, password: "next" });
    expect(await rewrapTo(as("two", "one"))).toEqual({ rewrapped: 3, unreadable: [] });
    const row = await database.db.rotation.findUniqueOrThrow({ where: { id: rotation.id } });
    const { masterKeyId, sealed } = row;
    expect(await openRotationSecret(as("two"), { ...row, masterKeyId: masterKeyId!, sealed: sealed! })).toBe("next");
    const key = await database.db.fingerprintKey.findFirstOrThrow({ where: { organizationId: fresh.id } });
    expect(key.masterKeyId).toBe("two");
    await database.db.organization.delete({ where: { id: fresh.id } });
  });

  it("reaches the lines of an import that waits", async () => {
    const fresh = await makeOrganization(database.db, `fresh-${(counter += 1)}`);
    const as = (...keyIds: string[]) => ({ ...having(...keyIds), actor: memberActor(fresh) });
    const text = "https://gitlab.com/acme/a,bot,first\nhttps://gitlab.com/acme/b,bot,second";
    const { id: importId } = await prepareImport(as("one"), { text, provider: null });
    expect(await rewrapTo(as("two", "one"))).toEqual({ rewrapped: 2, unreadable: [] });
    const items = await database.db.importItem.findMany({ where: { importId }, orderBy: { line: "asc" } });
    const opened = items.map(({ line, host, masterKeyId, sealed }) => {
      const bound = { organizationId: fresh.id, importId, line, host: host! };
      return openImportSecret(as("two"), bound, { masterKeyId: masterKeyId!, sealed: sealed! });
    });
    const secrets = await Promise.all(opened);
    expect(secrets.map(({ password }) => password)).toEqual(["first", "second"]);
    await expect(database.db.masterKeyCheck.delete({ where: { keyId: "two" } })).rejects.toThrow();
    await database.db.organization.delete({ where: { id: fresh.id } });
  });

  it("says which secrets do not open, and leaves them as they are", async () => {
    const [broken, moved, good] = await makeSealedCredentials(database.db, acme, makeKeyRing("one"), 3);
    const { sealed } = await secretRow(good!.id);
    await database.db.credentialSecret.updateMany({ where: { credentialId: broken!.id }, data: { sealed } });
    await database.db.upstream.deleteMany({ where: { repositoryId: moved!.repositoryId } });
    const { rewrapped, unreadable } = await rewrapTo(having("two", "one"));
    expect(rewrapped).toBe(1);
    expect(unreadable.map(({ table, id, version }) => [table.name, id, version]).sort()).toEqual(
      [broken, moved].map((damaged) => ["credential_secret", damaged!.id, 1]).sort(),
    );
    expect((await secretRow(broken!.id)).masterKeyId).toBe("one");
  });
});

describe("retiring", () => {
  const retire = (ctx: Context, keyId: string) => retireKey(ctx, "test", keyId, { ring: ctx.vault.keyRing });

  it("is refused while secrets are sealed under the key, with their number, and after rewrapping it is final", async () => {
    await know("four");
    const ctx = having("one", "four");
    await makeSealedCredentials(database.db, acme, makeKeyRing("four"), 3);
    await expect(retire(ctx, "four")).rejects.toThrow('3 secrets are still sealed under master key "four"');
    await rewrapTo(ctx);
    await retire(ctx, "four");
    expect((await events("master_key.retired")).map(({ organizationId }) => organizationId).sort()).toEqual(
      [acme.id, other.id].sort(),
    );
    // Once is enough.
    await retire(ctx, "four");
    expect(await events("master_key.retired")).toHaveLength(2);
    await expect(retire(ctx, "fourth")).rejects.toThrow("There is no master key");
    // A process that slept through it cannot seal with it any more.
    const { name } = await newRepository();
    await expect(createCredential(having("four"), { repository: name, password: "x" })).rejects.toThrow();
    expect(await database.db.credentialSecret.count({ where: { masterKeyId: "four" } })).toBe(0);
    // And wherever it is configured still, it is not taken up again.
    const ring = await holdKeys(ctx, { id: "p1", name: "web" }, makeKeyRing("four", "one"));
    expect(ring.all.map(({ id }) => id)).toEqual(["one"]);
    expect(ring.get("four")).toBeUndefined();
    expect(await database.db.masterKeyCheck.count({ where: { keyId: "four" } })).toBe(0);
  });

  it("is refused for the key that seals, here or in a process that runs", async () => {
    const ctx = having("two", "one");
    await expect(retire(ctx, "two")).rejects.toThrow("is the primary one");
    await holdKeys(ctx, { id: "p1", name: "web on a" }, makeKeyRing("one", "two"));
    await expect(retire(ctx, "one")).rejects.toThrow('web on a seals with master key "one"');
    expect(await database.db.masterKeyCheck.count({ where: { keyId: { in: ["one", "two"] } } })).toBe(2);
  });

  it("does not happen where it cannot be recorded", async () => {
    await know("five");
    await database.db.$executeRawUnsafe("ALTER TABLE audit_event ADD CONSTRAINT refuse_all CHECK (false) NOT VALID");
    await expect(retire(having("one", "five"), "five")).rejects.toThrow();
    await database.db.$executeRawUnsafe("ALTER TABLE audit_event DROP CONSTRAINT refuse_all");
    expect(await database.db.masterKeyCheck.count({ where: { keyId: "five" } })).toBe(1);
    expect(await database.db.retiredMasterKey.count({ where: { keyId: "five" } })).toBe(0);
  });

  it("is refused with the number of secrets where one is sealed after they were counted", async () => {
    await know("six");
    const db = database.db.$extends({
      query: {
        masterKeyCheck: {
          async deleteMany({ args, query }) {
            await makeSealedCredentials(database.db, acme, makeKeyRing("six"), 1);
            return query(args);
          },
        },
      },
    }) as unknown as Context["db"];
    await expect(retire({ ...having("one", "six"), db }, "six")).rejects.toThrow(
      '1 secret is still sealed under master key "six"',
    );
  });

  it("waits for a renewed token that may be on the disk of an instance, until nobody has the old one", async () => {
    await know("seven");
    const { id: repository } = await newRepository();
    const { id: credentialId } = await createCredential(having("one"), { repository, password: "old token" });
    const fingerprint = new Uint8Array([1, 2, 3]);
    await database.db.gitCredential.update({ where: { id: credentialId }, data: { fingerprint } });
    const renewal = { credentialId, version: 1, fingerprint, host: "gitlab.com", askedAt: new Date() };
    await database.db.renewal.create({ data: { id: "rot_1", organizationId: acme.id, ...renewal } });
    const refused = '1 renewed token may be sealed under master key "seven" on the disk of an instance';
    await expect(retire(having("one", "seven"), "seven")).rejects.toThrow(refused);
    const ended = { endedAt: new Date(), outcome: "cut_off" as const };
    await database.db.renewal.update({ where: { id: "rot_1" }, data: ended });
    await expect(retire(having("one", "seven"), "seven")).rejects.toThrow(refused);
    await rotateCredential(having("one"), { id: credentialId, password: "by hand" });
    await retire(having("one", "seven"), "seven");
    await database.db.renewal.deleteMany();
  });
});

describe("the key file", () => {
  let folder: string;
  let file: KeyFile;
  const ids = () => parseKeyRing(file.read()).all.map(({ id }) => id);
  const write = (...keyIds: string[]) => {
    const lines = makeKeyRing(...keyIds).all.map(({ id, key }) => `${id}:${key.toString("base64")}\n`);
    writeFileSync(path.join(folder, "master-keys"), lines.join(""));
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-keys-"));
    file = keyFile(path.join(folder, "master-keys"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("keeps a key whose commit was done and not answered, and one that was added before anybody heard", async () => {
    write("one", "two");
    let second: { keyId: string } | undefined;
    const db = cutAfterCommit(database.url, async () => (second = await addKey(having("one"), "test", file)));
    await expect(addKey({ ...having("one"), db }, "test", file)).rejects.toThrow();
    await db.$disconnect();
    const [newest, first, ...rest] = ids();
    expect([newest, ...rest]).toEqual([second!.keyId, "one", "two"]);
    expect(await database.db.masterKeyCheck.count({ where: { keyId: { in: [newest!, first!] } } })).toBe(2);
  });

  it("lets a key go after the database has, and what is left of that is done by a second time", async () => {
    await know("eight");
    write("one", "eight");
    const db = cutAfterCommit(database.url, () => Promise.resolve());
    await expect(retireKey({ ...having("one"), db }, "test", "eight", { file })).rejects.toThrow();
    await db.$disconnect();
    expect(ids()).toEqual(["one", "eight"]);
    const ring = await holdKeys(having("one"), { id: "p1", name: "web" }, parseKeyRing(file.read()));
    expect(ring.get("eight")).toBeUndefined();
    await retireKey(having("one"), "test", "eight", { file });
    expect(ids()).toEqual(["one"]);
  });

  it("stays as it is where an act is refused", async () => {
    await know("nine");
    write("nine", "one");
    await expect(retireKey(having("one"), "test", "nine", { file })).rejects.toThrow("is the primary one");
    await database.db.$executeRawUnsafe("ALTER TABLE audit_event ADD CONSTRAINT refuse_all CHECK (false) NOT VALID");
    await expect(addKey(having("one"), "test", file)).rejects.toThrow("refuse_all");
    await database.db.$executeRawUnsafe("ALTER TABLE audit_event DROP CONSTRAINT refuse_all");
    expect(ids()).toEqual(["nine", "one"]);
    const none = keyFile(path.join(folder, "none"));
    await expect(addKey(having("one"), "test", none)).rejects.toThrow("none cannot be read (ENOENT)");
  });
});

describe("with many organizations", () => {
  const COUNT = 300;
  let many: MadeOrganization[];

  beforeAll(async () => {
    many = Array.from({ length: COUNT }, (_, number) => ({ id: newId("org"), slug: `many-${number}` }));
    await database.db.organization.createMany({ data: many });
    await database.db.auditChain.createMany({
      data: many.map(({ id: organizationId }) => ({ organizationId, hash: new Uint8Array(32) })),
    });
  });

  afterAll(() => database.db.organization.deleteMany({ where: { slug: { startsWith: "many-" } } }));

  /** How many statements it takes. */
  const statements = async (act: (ctx: Context) => Promise<unknown>) => {
    const steps = new Steps(0);
    const db = steppingDatabase(database.url, steps);
    await act({ ...having("one"), db });
    await db.$disconnect();
    return steps.names.length;
  };

  it("an act is in every chain with a few statements, whole, and each says whose it is", async () => {
    const ring = makeKeyRing("ten");
    const added = (ctx: Context) => withKeysLocked(ctx, (tx) => rememberKeys(tx, ctx, "test", ring));
    expect(await statements(added)).toBeLessThan(10);
    const retired = (ctx: Context) => retireKey(ctx, "test", "ten", { ring: makeKeyRing("one", "ten") });
    expect(await statements(retired)).toBeLessThan(25);
    const rows = await database.db.auditEvent.findMany({
      where: { organizationId: { in: many.map(({ id }) => id) } },
      orderBy: { seq: "asc" },
      include: { organization: { select: { slug: true } } },
    });
    expect(rows).toHaveLength(2 * COUNT);
    for (const { seq, action, actor, payload, organization } of rows) {
      expect([action, actor]).toEqual([seq === 1n ? "master_key.added" : "master_key.retired", "test"]);
      expect(JSON.parse(payload)).toMatchObject({ organization: organization.slug, details: { key: "ten" } });
    }
    for (const { id } of many.slice(0, 3)) {
      expect(await verifyChain((statement) => database.db.$queryRaw(statement), id)).toMatchObject({
        events: 2,
        broken: null,
      });
    }
  });

  it("an act takes their chains in one order", async () => {
    const ids = many.map(({ id }) => id).sort();
    const middle = ids[COUNT / 2]!;
    const holding = async (tx: Transaction) => {
      await tx.$queryRaw`SELECT 1 FROM audit_chain WHERE organization_id = ${middle} FOR NO KEY UPDATE`;
      const remembering = know("eleven");
      await someoneWaits(database.db);
      const free = await tx.$queryRaw<{ id: string }[]>`
        SELECT organization_id AS id FROM audit_chain WHERE organization_id = ANY (${ids})
        ORDER BY organization_id FOR NO KEY UPDATE SKIP LOCKED`;
      expect(free.map(({ id }) => id)).toEqual(ids.slice(COUNT / 2));
      return { remembering };
    };
    const { remembering } = await database.db.$transaction(holding, { timeout: 25_000 });
    await remembering;
  });

  it("rewrapping is told to those whose secrets it wraps, and takes no statement for the others", async () => {
    for (const organization of many.slice(0, 3)) {
      await makeSealedCredentials(database.db, organization, makeKeyRing("one"), 2);
    }
    const rewrapping = (ctx: Context) => rewrapTo({ ...ctx, vault: having("two", "one").vault });
    expect(await statements(rewrapping)).toBeLessThan(60);
    const told = await events("master_key.rewrap_started");
    const mine = told.filter(({ organizationId }) => many.some(({ id }) => id === organizationId));
    expect(mine.map(({ organizationId }) => organizationId).sort()).toEqual(
      many
        .slice(0, 3)
        .map(({ id }) => id)
        .sort(),
    );
  });
});

describe("processes that run", () => {
  const hold = (id: string, ring: KeyRing, current?: KeyRing) =>
    holdKeys(having("one"), { id, name: id }, ring, current);

  it("seal with a new key once all of them have it, and tell it to nobody twice", async () => {
    const old = makeKeyRing("one");
    const added = makeKeyRing("six", "one");
    const a = await hold("a", old);
    const b = await hold("b", old);
    const told = await hold("a", added, a);
    expect(told.primary.id).toBe("one");
    expect(told.get("six")).toBeDefined();
    expect((await hold("b", added, b)).primary.id).toBe("six");
    expect((await hold("a", added, told)).primary.id).toBe("six");
    const { keys, holders } = await listKeys(having("six", "one"), added);
    expect(holders.map(({ sealsWith }) => sealsWith)).toEqual(["six", "six"]);
    expect(keys[0]).toEqual({ id: "six", place: "first", secrets: 0, heldBy: 2, sealedWithBy: 2 });
    const recorded = (await events("master_key.added")).filter(({ targetId }) => targetId === "six");
    expect(recorded.map(({ organizationId }) => organizationId).sort()).toEqual([acme.id, other.id].sort());
  });

  it("do not start without a key that one of them seals with", async () => {
    await hold("a", makeKeyRing("two", "one"));
    await expect(hold("b", makeKeyRing("one"))).rejects.toThrow(
      'Master key "two" is not configured here, and a seals with it',
    );
    expect(await liveHolders(database.db)).toHaveLength(1);
    await letGoOfKeys(having("one"), "a");
    expect((await hold("b", makeKeyRing("one"))).primary.id).toBe("one");
  });

  it("do not wait for one that is gone, and one that was silent changes nothing at once", async () => {
    const a = await hold("a", makeKeyRing("one"));
    await hold("b", makeKeyRing("one"));
    await database.db.$executeRaw`UPDATE key_holder SET seen_at = now() - interval '31 seconds'`;
    const added = makeKeyRing("two", "one");
    expect((await hold("a", added, a)).primary.id).toBe("one");
    expect((await hold("a", added, a)).primary.id).toBe("two");
  });

  it("keep their keys where the file turns wrong, and still count as there", async () => {
    const current = await hold("a", makeKeyRing("one"));
    const wrong = parseKeyRing(`one:${Buffer.from(makeKeyRing("two").primary.key).toString("base64")}`);
    await expect(hold("a", wrong, current)).rejects.toThrow("is not the key that this database was used with");
    expect((await hold("a", current, current)).primary.id).toBe("one");
  });
});

describe("wrong keys", () => {
  it("are told from right ones without writing anything", async () => {
    await makeSealedCredentials(database.db, acme, makeKeyRing("one"), 1);
    const before = await database.db.masterKeyCheck.findMany();
    const check = (ring: KeyRing) => checkMasterKeys(database.db, ring);
    const swapped = parseKeyRing(`one:${makeKeyRing("two").primary.key.toString("base64")}`);
    await expect(check(swapped)).rejects.toThrow('Master key "one" is not the key');
    await expect(check(makeKeyRing("two"))).rejects.toThrow('sealed under master key "one", which is not configured');
    await database.db.repository.deleteMany();
    await expect(check(makeKeyRing("stranger"))).rejects.toThrow("was ever used with this database");
    await check(makeKeyRing("one", "new"));
    expect(await database.db.masterKeyCheck.findMany()).toEqual(before);
  });
});
