import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rotationItemSentence } from "@/lib/contract/rotations";
import type { Context } from "@/lib/domain/context";
import { RENEWAL_ACTOR } from "@/lib/contract/renewals";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { cancelRotation } from "@/lib/domain/rotations/cancel-rotation";
import { countSharing, readRotation } from "@/lib/domain/rotations/read-rotation";
import { MOST_OPEN_ROTATIONS, requestRotation } from "@/lib/domain/rotations/request-rotation";
import { runRotation } from "@/lib/domain/rotations/run-rotation";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";
import { beforeQuestion, stoppingAt } from "./support/stopping-at";
import { startWitness } from "./support/witness";

const database = useDatabase();
const { signal } = new AbortController();
let host: GitHost;
let acme: MadeOrganization;
let ctx: Context;
let counter = 0;

beforeAll(async () => {
  host = await startGitHost("GitLab");
  host.addRepository("team/app");
  host.tokens.set("shared", "write").set("fresh", "write").set("weak", "read");
  const upstream = createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8"));
  ctx = makeContext(database.db, memberActor({ id: "", slug: "" }), { upstream });
});

afterAll(() => host.stop());

beforeEach(async () => {
  acme = await makeOrganization(database.db, `acme-${(counter += 1)}`);
  ctx = { ...ctx, actor: memberActor(acme) };
});

async function newCredential(name: string, password = "shared", upstreamName = "app") {
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: upstreamName };
  const { id: repository } = await makeRepository(database.db, acme, name, upstream);
  return (await createCredential(ctx, { repository, username: "bot", password })).id;
}

const current = async (id: string) => withOpenSecret(ctx, await findCredential(ctx, id), (secret) => secret);
const read = (id: string) => readRotation(ctx, { id, page: 1, pageSize: 100 });
const states = async (id: string) =>
  Object.fromEntries((await read(id)).items.map(({ repositoryName, state }) => [repositoryName, state]));

describe("a token that several repositories share", () => {
  it("is noticed by a keyed hash, inside one organization and on one host", async () => {
    const a = await newCredential("a");
    const b = await newCredential("b");
    await newCredential("c", "another");
    expect(await countSharing(ctx, a)).toBe(1);
    await rotateCredential(ctx, { id: b, password: "another" });
    expect(await countSharing(ctx, a)).toBe(0);
    expect(await countSharing(ctx, b)).toBe(1);
    const mine = await database.db.gitCredential.findUniqueOrThrow({ where: { id: b } });
    const other = await makeOrganization(database.db, `other-${(counter += 1)}`);
    const elsewhere = { ...ctx, actor: memberActor(other) };
    const { id: repository } = await makeRepository(database.db, other, "d");
    const { id } = await createCredential(elsewhere, { repository, password: "another" });
    const theirs = await database.db.gitCredential.findUniqueOrThrow({ where: { id } });
    expect(Buffer.from(theirs.fingerprint!)).not.toEqual(Buffer.from(mine.fingerprint!));
    expect(await countSharing(elsewhere, b)).toBe(0);
  });

  it("has one organization's key, however many are stored at once", async () => {
    const ids = await Promise.all(["a", "b", "c", "d", "e", "f"].map((name) => newCredential(name)));
    expect(await countSharing(ctx, ids[0]!)).toBe(5);
  });
});

describe("a key of fingerprints that does not open", () => {
  it("is on record, and nobody is told that all were rotated who share a token", async () => {
    await database.db.fingerprintKey.create({
      data: { organizationId: acme.id, masterKeyId: "test", sealed: Buffer.alloc(601) },
    });
    const a = await newCredential("a");
    await newCredential("b");
    await expect(requestRotation(ctx, { id: a, password: "fresh" })).rejects.toMatchObject({ code: "conflict" });
    expect(await database.db.rotation.count({ where: { organizationId: acme.id } })).toBe(0);
    const recorded = { action: "organization.fingerprint_key_unreadable", targetId: acme.id };
    expect(await database.db.auditEvent.count({ where: { organizationId: acme.id, ...recorded } })).toBe(2);
    await rotateCredential(ctx, { id: a, password: "fresh" });
    expect((await current(a)).password).toBe("fresh");
  });

  it("leaves nobody out who stored a token then, once the key opens again", async () => {
    const [a, b] = [await newCredential("a"), await newCredential("b")];
    const elsewhere = await newCredential("c");
    const then = { fingerprint: null };
    await database.db.gitCredential.update({ where: { id: b }, data: then });
    await expect(requestRotation(ctx, { id: a, password: "fresh" })).rejects.toMatchObject({ code: "conflict" });
    await rotateCredential(ctx, { id: b, password: "shared" });
    await database.db.gitCredential.update({
      where: { id: elsewhere },
      data: { ...then, repository: { update: { upstream: { update: { host: "other.example" } } } } },
    });
    expect((await requestRotation(ctx, { id: a, password: "fresh" })).total).toBe(2);
  });
});

describe("a rotation for all", () => {
  it("rotates where the new secret passes, keeps the old one where it does not, and is on record", async () => {
    const a = await newCredential("a");
    const b = await newCredential("b");
    const gone = await newCredential("gone", "shared", "no-such-repository");
    const alone = await newCredential("alone", "fresh-elsewhere");
    const { id, total } = await requestRotation(ctx, { id: a, password: "fresh" });
    expect(total).toBe(3);
    expect((await read(id)).counts).toMatchObject({ waiting: 3 });
    expect(await runRotation(ctx, { rotationId: id }, signal)).toBe("finished");
    expect(await states(id)).toEqual({ a: "rotated", b: "rotated", gone: "kept" });
    expect((await read(id)).items[0]).toMatchObject({ repositoryName: "gone", outcome: "no_access" });
    for (const each of [a, b]) expect(await current(each)).toEqual({ username: "bot", password: "fresh" });
    expect(await current(gone)).toEqual({ username: "bot", password: "shared" });
    expect((await current(alone)).password).toBe("fresh-elsewhere");
    expect(await countSharing(ctx, a)).toBe(1);
    const stored = await database.db.rotation.findUniqueOrThrow({ where: { id } });
    expect(stored).toMatchObject({ sealed: null, masterKeyId: null, finishedAt: expect.any(Date) as Date });
    const audit = await database.db.auditEvent.findMany({
      where: { organizationId: acme.id },
      orderBy: { seq: "asc" },
    });
    const events = audit.map(({ action }) => action);
    expect(events.filter((action) => action === "credential.rotated")).toHaveLength(2);
    expect(events).toContain("rotation.requested");
    expect(JSON.parse(audit.at(-1)!.payload)).toMatchObject({
      action: "rotation.finished",
      details: { rotated: 2, kept: 1, failed: 0, cancelled: 0 },
    });
    expect(JSON.stringify(audit.map(({ payload }) => payload))).not.toContain("fresh");
  });

  it("goes on where it was stopped, and rotates nothing twice", async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => newCredential(`r-${n}`)));
    const { id } = await requestRotation(ctx, { id: ids[0]!, password: "fresh" });
    const { stopped, signal: stopping } = stoppingAt(ctx, 12);
    expect(await runRotation(stopped, { rotationId: id }, stopping)).toBe("stopped");
    expect((await read(id)).counts.waiting).toBeGreaterThan(0);
    // As a process leaves it that is killed after a rotation and before it is noted.
    const [done] = (await read(id)).items.filter(({ state }) => state === "rotated");
    await database.db.rotationItem.updateMany({
      where: { rotationId: id, credentialId: done!.credentialId },
      data: { state: "waiting", at: null },
    });
    expect(await runRotation(ctx, { rotationId: id }, signal)).toBe("finished");
    expect((await read(id)).counts).toMatchObject({ rotated: 12, waiting: 0 });
    const versions = await database.db.gitCredential.findMany({ where: { id: { in: ids } } });
    expect(new Set(versions.map(({ currentVersion }) => currentVersion))).toEqual(new Set([2]));
    expect(await runRotation(ctx, { rotationId: id }, signal)).toBe("finished");
  });

  it("ends when it is cancelled: what waits keeps the old secret, and the new one is erased", async () => {
    const a = await newCredential("a");
    await newCredential("b");
    const { id } = await requestRotation(ctx, { id: a, password: "fresh" });
    await cancelRotation(ctx, { id });
    expect(await runRotation(ctx, { rotationId: id }, signal)).toBe("finished");
    expect(await states(id)).toEqual({ a: "cancelled", b: "cancelled" });
    expect((await current(a)).password).toBe("shared");
    expect(await database.db.rotation.findUniqueOrThrow({ where: { id } })).toMatchObject({ sealed: null });
    await expect(cancelRotation(ctx, { id })).rejects.toMatchObject({ code: "not_found" });
  });

  it("does not stop at what goes wrong: a repository that is gone, a secret that does not open, a weaker token", async () => {
    const [a, b, c] = [await newCredential("a"), await newCredential("b"), await newCredential("c")];
    await rotateCredential(ctx, { id: c, password: "shared", test: "required" });
    const { id } = await requestRotation(ctx, { id: a, password: "weak" });
    await deleteRepository(ctx, { repository: "a" });
    await database.db.credentialSecret.updateMany({ where: { credentialId: b }, data: { sealed: Buffer.alloc(600) } });
    expect(await runRotation(ctx, { rotationId: id }, signal)).toBe("finished");
    expect(await states(id)).toEqual({ a: "failed", b: "failed", c: "kept" });
    const codes = Object.fromEntries((await read(id)).items.map(({ repositoryName, code }) => [repositoryName, code]));
    expect(codes).toEqual({ a: "not_found", b: "credential_unreadable", c: "credential_refused" });
  });

  it("does not take the place of a stronger secret that was put there while it was tested", async () => {
    const id = await newCredential("a");
    const overtaken = beforeQuestion(ctx, 1, async () => {
      await rotateCredential(ctx, { id, password: "fresh", test: "required" });
    });
    const weaker = rotateCredential(overtaken, { id, password: "weak", test: "required" });
    await expect(weaker).rejects.toMatchObject({ code: "credential_refused", details: { outcome: "reads_only" } });
    expect((await current(id)).password).toBe("fresh");
    expect(await findCredential(ctx, id)).toMatchObject({ pendingVersion: null, testOutcome: "reads_and_writes" });
    expect(await database.db.credentialSecret.count({ where: { credentialId: id } })).toBe(2);
  });

  it.each([
    ["asked for by somebody", false],
    ["of a renewed token", true],
  ])("sends the new secret to its own host alone, whatever the database says by then (%s)", async (_what, renewed) => {
    const elsewhere = await startWitness("127.0.0.1");
    const egress = createEgressPolicy([host.host, elsewhere.host]);
    const upstream = createUpstreamClient(egress, readFileSync(host.caFile, "utf8"));
    const a = await newCredential("a");
    const { id: repositoryId } = await makeRepository(database.db, acme, "b", {
      provider: "gitlab",
      host: host.host,
      owner: "team",
      name: "app",
    });
    // Without a username nothing of the old secret is opened, which would not open for another host.
    const { id: moved } = await createCredential(ctx, { repository: repositoryId, password: "shared" });
    const { id } = await requestRotation(ctx, { id: a, password: "fresh" });
    if (renewed) {
      const { fingerprint } = await findCredential(ctx, a);
      const renewal = { id, organizationId: acme.id, credentialId: a, version: 1, askedAt: new Date() };
      await database.db.renewal.create({
        data: { ...renewal, host: host.host, fingerprint: Uint8Array.from(fingerprint!) },
      });
    }
    await database.db.upstream.update({ where: { repositoryId }, data: { host: elsewhere.host } });
    await runRotation({ ...ctx, upstream }, { rotationId: id }, signal);
    expect(elsewhere.heard).toEqual([]);
    const { items } = await read(id);
    expect(items.find(({ credentialId }) => credentialId === moved)).toMatchObject({
      state: "failed",
      code: "conflict",
    });
    expect(rotationItemSentence(items[0]!, { host: host.host })).toContain("was not sent");
    expect(await findCredential(ctx, moved)).toMatchObject({ version: 1, pendingVersion: null });
    expect((await current(a)).password).toBe("fresh");
    await elsewhere.stop();
  });

  it("ends nowhere where its new secret does not open, which is on record", async () => {
    const a = await newCredential("a");
    const { id } = await requestRotation(ctx, { id: a, password: "fresh" });
    await database.db.rotation.update({ where: { id }, data: { sealed: Buffer.alloc(601) } });
    const unreadable = { code: "credential_unreadable" };
    await expect(runRotation(ctx, { rotationId: id }, signal)).rejects.toMatchObject(unreadable);
    const recorded = { action: "rotation.unreadable", targetId: id };
    expect(await database.db.auditEvent.count({ where: { organizationId: acme.id, ...recorded } })).toBe(1);
    expect((await current(a)).password).toBe("shared");
  });

  it("waits for another to end where an organization has begun many", async () => {
    const a = await newCredential("a");
    const asked = { organizationId: acme.id, host: host.host, requestedBy: "ada", createdAt: new Date() };
    const rows = Array.from({ length: MOST_OPEN_ROTATIONS - 1 }, (_, n) => ({ ...asked, id: `rot_${counter}_${n}` }));
    // One that a renewal began is nobody's.
    const renewal = { ...asked, id: `rot_${counter}_renewal`, requestedBy: RENEWAL_ACTOR };
    await database.db.rotation.createMany({ data: [...rows, renewal] });
    const asking = [1, 2, 3].map(() => requestRotation(ctx, { id: a, password: "fresh" }));
    const ends = await Promise.allSettled(asking);
    const refused = ends.filter(({ status }) => status === "rejected");
    expect(refused).toMatchObject(Array(2).fill({ reason: { code: "queue_full", details: { retryAfter: 60 } } }));
    expect(await database.db.rotationItem.count({ where: { rotation: { organizationId: acme.id } } })).toBe(1);
    await database.db.rotation.update({ where: { id: rows[0]!.id }, data: { finishedAt: new Date() } });
    expect(await requestRotation(ctx, { id: a, password: "fresh" })).toMatchObject({ total: 1 });
  });

  it("is nobody else's to begin, read or cancel", async () => {
    const a = await newCredential("a");
    const { id } = await requestRotation(ctx, { id: a, password: "fresh" });
    const other = await makeOrganization(database.db, `other-${(counter += 1)}`);
    const stranger = { ...ctx, actor: memberActor(other) };
    const unknown = { code: "not_found" };
    await expect(requestRotation(stranger, { id: a, password: "x" })).rejects.toMatchObject(unknown);
    await expect(readRotation(stranger, { id, page: 1, pageSize: 10 })).rejects.toMatchObject(unknown);
    await expect(cancelRotation(stranger, { id })).rejects.toMatchObject(unknown);
    const viewer = { ...ctx, actor: memberActor(acme, { role: "viewer" }) };
    await expect(requestRotation(viewer, { id: a, password: "x" })).rejects.toMatchObject({ code: "forbidden" });
    await expect(cancelRotation(viewer, { id })).rejects.toMatchObject({ code: "forbidden" });
  });
});
