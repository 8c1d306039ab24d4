import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { withKeysLocked } from "@/lib/domain/vault/lock-keys";
import { parseKeyRing } from "@/lib/domain/vault/key-ring";
import { rememberKeys } from "@/lib/domain/vault/remember-keys";
import { createVault } from "@/lib/domain/vault/vault";
import {
  makeContext,
  makeKeyRing,
  makeOrganization,
  makeSealedCredentials,
  memberActor,
  type MadeOrganization,
} from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
const lineOf = (id: string) => `${id}:${makeKeyRing(id).primary.key.toString("base64")}`;
let folder: string;
let file: string;
let acme: MadeOrganization;

beforeAll(async () => {
  acme = await makeOrganization(database.db, "acme");
  const ctx = makeContext(database.db, memberActor(acme));
  await withKeysLocked(ctx, (tx) => rememberKeys(tx, ctx, "test", makeKeyRing("old")));
});

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-keys-"));
  file = path.join(folder, "master-keys");
  writeFileSync(file, `${lineOf("old")}\n`, { mode: 0o600 });
  await database.db.keyHolder.deleteMany();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `npm run keys -- …` as the operator has it; `onOutput` may end it. */
function keys(args: string[], variables: Record<string, string> = {}, onOutput?: (kill: () => void) => void) {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/keys.ts", ...args], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      DATABASE_URL: database.url,
      ...(!variables.LATCHKEY_MASTER_KEYS && { LATCHKEY_MASTER_KEYS_FILE: file }),
      ...variables,
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    onOutput?.(() => child.kill("SIGKILL"));
  });
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

const fileRing = () => parseKeyRing(readFileSync(file, "utf8"));

describe("npm run keys", () => {
  it("killed while it rewraps, goes on with the rest when it is run again", async () => {
    const count = 2_000;
    await makeSealedCredentials(database.db, acme, makeKeyRing("old"), count);
    await keys(["add"]);
    const { code } = await keys(["rewrap"], {}, (kill) => kill());
    expect(code).toBeNull();
    const done = await database.db.credentialSecret.count({ where: { masterKeyId: { not: "old" } } });
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(count);
    const { stdout } = await keys(["rewrap"]);
    expect(stdout).toContain(`Rewrapped ${count - done} under`);
    expect(await database.db.credentialSecret.count({ where: { masterKeyId: "old" } })).toBe(0);
    await database.db.repository.deleteMany();
  });

  it("adds nothing where the keys are in the environment, and says how to", async () => {
    const before = await database.db.masterKeyCheck.findMany();
    const { code, stdout } = await keys(["add"], { LATCHKEY_MASTER_KEYS: lineOf("old") });
    expect(code).toBe(0);
    expect(stdout).toContain("openssl rand -base64 32");
    expect(stdout).not.toContain(lineOf("old").slice(5, 20));
    expect(await database.db.masterKeyCheck.findMany()).toEqual(before);
  });

  it("rewraps nothing while a process lacks the key, and names it", async () => {
    await database.db.keyHolder.create({ data: { id: "p", name: "web on b", keyIds: ["old"], sealsWith: "old" } });
    // It is never seen again, and counts as there all the same.
    await database.db.$executeRaw`UPDATE key_holder SET seen_at = now() + interval '1 hour'`;
    writeFileSync(file, `${lineOf("next")}\n${lineOf("old")}\n`);
    const { code, stderr } = await keys(["rewrap"]);
    expect(code).toBe(1);
    expect(stderr).toContain('web on b does not have master key "next" yet');
  });

  it("keeps a link to the key file, and the file's owner and mode", async () => {
    const real = path.join(folder, "elsewhere");
    writeFileSync(real, `${lineOf("old")}\n`, { mode: 0o640 });
    chmodSync(real, 0o640);
    rmSync(file);
    symlinkSync(real, file);
    expect((await keys(["add"])).code).toBe(0);
    expect(readFileSync(real, "utf8").split("\n")).toHaveLength(3);
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });

  it("says of what does not open where it is and what helps there, and counts nothing that is erased", async () => {
    const [first, second] = await makeSealedCredentials(database.db, acme, makeKeyRing("old"), 2);
    const { sealed } = await database.db.credentialSecret.findFirstOrThrow({ where: { credentialId: second!.id } });
    await database.db.credentialSecret.updateMany({ where: { credentialId: first!.id }, data: { sealed } });
    const [organizationId, masterKeyId] = [acme.id, "old"];
    await database.db.fingerprintKey.create({ data: { organizationId, masterKeyId, sealed } });
    const ended = { id: "rot_1", organizationId, host: "gitlab.com", requestedBy: "ada", finishedAt: new Date() };
    await database.db.rotation.create({ data: { ...ended, createdAt: new Date() } });
    writeFileSync(file, `${lineOf("next")}\n${lineOf("old")}\n`);
    await withKeysLocked(database, (tx) =>
      rememberKeys(tx, { clock: () => new Date(), requestId: "t" }, "test", makeKeyRing("next")),
    );
    const { code, stdout, stderr } = await keys(["rewrap"]);
    expect(code).toBe(1);
    expect(stdout).toContain('Rewrapped 1 under master key "next".');
    expect(stderr.trim().split("\n")).toEqual([
      "2 do not open and stay as they are:",
      expect.stringContaining(`credential_secret ${first!.id} 1: rotate the credential with its username`) as string,
      expect.stringContaining(`fingerprint_key ${acme.id}: delete the row`) as string,
    ]);
    await database.db.fingerprintKey.deleteMany();
    await database.db.repository.deleteMany();
    // The rotation that ended stays, and is sealed under nothing.
    expect(await keys(["rewrap"])).toMatchObject({ code: 0, stderr: "" });
  });

  it("tells a database that is away from one that refuses", async () => {
    const nowhere = database.url.replace(/host=[^&]+/, "host=/nowhere");
    expect((await keys(["list"], { DATABASE_URL: nowhere })).stderr).toContain("The database cannot be reached");
    await database.db.$executeRawUnsafe("ALTER TABLE audit_event ADD CONSTRAINT refuse_all CHECK (false) NOT VALID");
    const refused = await keys(["add"]);
    await database.db.$executeRawUnsafe("ALTER TABLE audit_event DROP CONSTRAINT refuse_all");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("The database did not do as it was asked (PrismaClientKnownRequestError P2010)");
    expect(fileRing().all.map(({ id }) => id)).toEqual(["old"]);
  });

  it("says how it is used, and what is wrong with the keys", async () => {
    for (const args of [[], ["rotate"], ["retire"], ["add", "x"], ["constructor"]]) {
      expect(await keys(args)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("npm run keys -- list") as string,
      });
    }
    expect((await keys(["list"], { LATCHKEY_MASTER_KEYS: "k1:AAAA" })).stderr).toContain("number 1 is malformed");
    rmSync(file);
    expect((await keys(["list"])).stderr).toContain("LATCHKEY_MASTER_KEYS_FILE names a file that cannot be read");
  });

  it("adds a key in front, rewraps, and retires the old one; no key is printed", async () => {
    const made = await makeSealedCredentials(database.db, acme, makeKeyRing("old"), 120);
    const inode = statSync(file).ino;
    const added = await keys(["add"]);
    expect(added).toMatchObject({ code: 0, stderr: "" });
    const [fresh, old] = fileRing().all;
    expect(old!.id).toBe("old");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // Another file under the same name: it was replaced whole.
    expect(statSync(file).ino).not.toBe(inode);
    const refused = await keys(["retire", "old"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain('120 secrets are still sealed under master key "old"');
    const rewrapped = await keys(["rewrap"]);
    expect(rewrapped).toMatchObject({ code: 0, stderr: "" });
    expect(rewrapped.stdout).toContain(`Rewrapped 120 under master key "${fresh!.id}".`);
    const listed = await keys(["list"]);
    expect(listed.stdout).toMatch(new RegExp(`^${fresh!.id} +120 +0 of 0 +0 of 0 +first$`, "m"));
    expect(listed.stdout).toMatch(/^old +0 +0 of 0 +0 of 0 +kept$/m);
    const retired = await keys(["retire", "old"]);
    expect(retired).toMatchObject({ code: 0, stderr: "" });
    expect(fileRing().all.map(({ id }) => id)).toEqual([fresh!.id]);
    const ctx = makeContext(database.db, memberActor(acme), { vault: createVault(fileRing) });
    const { id, repositoryId } = made[0]!;
    const found = await findCredential(ctx, id);
    expect(await withOpenSecret(ctx, found, ({ password }) => password)).toBe(repositoryId);
    const actions = await database.db.auditEvent.findMany({
      orderBy: { seq: "asc" },
      select: { action: true, actor: true },
    });
    expect(actions.slice(-5)).toEqual(
      ["added", "rewrap_started", "rewrapped", "rewrapped", "retired"].map((act) => ({
        action: `master_key.${act}`,
        actor: "npm run keys",
      })),
    );
    const printed = [added, refused, rewrapped, listed, retired]
      .flatMap(({ stdout, stderr }) => [stdout, stderr])
      .join();
    for (const { key } of [fresh!, old!]) {
      expect(printed).not.toContain(key.toString("base64").slice(0, 20));
      expect(printed).not.toContain(key.toString("hex").slice(0, 20));
    }
  });
});
