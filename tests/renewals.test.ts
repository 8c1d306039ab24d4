import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { discardRotation, finishRotation } from "@/lib/domain/credentials/finish-rotation";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { newId } from "@/lib/domain/new-id";
import type { BegunRenewal } from "@/lib/domain/renewals/as-renewal";
import { askRenewal } from "@/lib/domain/renewals/ask-renewal";
import { chooseRenewal } from "@/lib/domain/renewals/choose-renewal";
import { readRenewal } from "@/lib/domain/renewals/read-renewal";
import { renewTokens } from "@/lib/domain/renewals/renew-tokens";
import { cancelRotation } from "@/lib/domain/rotations/cancel-rotation";
import { readRotation } from "@/lib/domain/rotations/read-rotation";
import { runRotation } from "@/lib/domain/rotations/run-rotation";
import { organizationSlots } from "@/lib/domain/sync/organization-slots";
import { pullRepository } from "@/lib/domain/sync/pull-repository";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { startGateway } from "@/lib/domain/upstream/gateway";
import { createUpstreamClient, type UpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { addWebhook } from "@/lib/domain/webhooks/add-webhook";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";
import { stoppingAt } from "./support/stopping-at";
import { startWitness } from "./support/witness";

const database = useDatabase();
const { signal } = new AbortController();
const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;
const NOW = new Date();
const inDays = (days: number) => new Date(NOW.getTime() + days * DAY_MS);
const dayOf = (date: Date) => date.toISOString().slice(0, 10);
let host: GitHost;
let acme: MadeOrganization;
let ctx: Context;
let folder: string;
let counter = 0;

beforeAll(async () => {
  host = await startGitHost("GitLab");
  host.addRepository("team/app");
  ctx = makeContext(database.db, memberActor({ id: "", slug: "" }), { upstream: clientOf(), clock: () => NOW });
});

afterAll(() => host.stop());

beforeEach(async () => {
  acme = await makeOrganization(database.db, `acme-${(counter += 1)}`);
  ctx = { ...ctx, actor: memberActor(acme) };
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-renewals-"));
  host.renews = "properly";
  host.tokenDescription = {
    created_at: inDays(-85).toISOString(),
    expires_at: dayOf(inDays(5)),
    scopes: ["read_repository", "write_repository", "self_rotate"],
  };
  return async () => {
    rmSync(folder, { recursive: true });
    // What is left of one test is not renewed in the next.
    await database.db.gitCredential.updateMany({ data: { renews: false } });
    await database.db.renewal.deleteMany();
  };
});

function clientOf(options: { answerMs?: number } = {}): UpstreamClient {
  return createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8"), options);
}

const after = (ms: number): Context => ({ ...ctx, clock: () => new Date(NOW.getTime() + ms) });

/** A credential that is known for 85 days, with a token of its own that the host takes unless another one is given. */
async function newCredential(name = "app", password = `token-${(counter += 1)}`) {
  host.tokens.set(password, "write");
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
  const { id: repository } = await makeRepository(database.db, acme, name, upstream);
  const then = { ...ctx, clock: () => inDays(-85) };
  const { id } = await createCredential(then, { repository, username: "bot", password, test: "required" });
  return { id, repository, password };
}

async function renewing(name?: string) {
  const credential = await newCredential(name);
  await chooseRenewal(ctx, { id: credential.id, on: true });
  return credential;
}

const row = (id: string) => database.db.gitCredential.findUniqueOrThrow({ where: { id } });
const current = async (id: string) => withOpenSecret(ctx, await findCredential(ctx, id), ({ password }) => password);
const wishes = () => host.requests.filter(({ line }) => line.startsWith("POST")).length;
const audited = async () =>
  (await database.db.auditEvent.findMany({ where: { organizationId: acme.id }, orderBy: { seq: "asc" } })).map(
    ({ action }) => action,
  );

/** What the queue's job does for every renewal that has its token. */
async function bringRound(base = ctx): Promise<void> {
  const open = await database.db.rotation.findMany({ where: { organizationId: acme.id, finishedAt: null } });
  for (const { id } of open) await runRotation(base, { rotationId: id }, signal);
}

/** The upstream client with something that happens right after the host's answer to a wish to renew. */
function afterAnswer(happens: () => Promise<void>): Context {
  return {
    ...ctx,
    upstream: {
      connect(name) {
        const connection = ctx.upstream.connect(name);
        return {
          ...connection,
          post: async (request) => {
            const answer = await connection.post(request);
            await happens();
            return answer;
          },
        };
      },
    },
  };
}

describe("a token that renews itself", () => {
  it("is renewed ahead of its end, wherever it is used, for as long as before, and that is told", async () => {
    const { id, password } = await renewing("a");
    const { id: sharing } = await newCredential("b", password);
    const { id: other } = await newCredential("c");
    const webhook = await addWebhook(ctx, {
      url: "https://hooks.example.com/",
      secret: "0123456789abcdef",
      events: ["credential.renewed"],
    });
    expect(await readRenewal(ctx, sharing)).toMatchObject({ on: false, together: "a" });
    expect(await renewTokens(ctx, folder, signal)).toEqual({ asked: ["renewed"], left: 0 });
    await bringRound();
    const fresh = host.renewed.get(password)!;
    expect([await current(id), await current(sharing)]).toEqual([fresh, fresh]);
    expect(await current(other)).not.toBe(fresh);
    for (const each of [id, sharing]) {
      expect(await row(each)).toMatchObject({
        currentVersion: 2,
        previousVersion: null,
        pendingVersion: null,
        testOutcome: "reads_and_writes",
        expiresAt: new Date(dayOf(inDays(90))),
      });
    }
    expect(await database.db.credentialSecret.count({ where: { credentialId: { in: [id, sharing] } } })).toBe(2);
    const told = await database.db.webhookDelivery.findMany({ where: { webhookId: webhook.id } });
    expect(told.map(({ payload }) => JSON.parse(payload) as unknown)).toContainEqual(
      expect.objectContaining({ type: "credential.renewed", credential: { id } }),
    );
    expect((await audited()).filter((action) => action.startsWith("credential.renew"))).toEqual([
      "credential.renewal_turned_on",
      "credential.renewed",
      "credential.renewed",
    ]);
    expect(readdirSync(folder)).toEqual([]);
    expect(await readRenewal(ctx, id)).toMatchObject({ on: true, possible: true, failed: null });
    expect(await renewTokens(ctx, folder, signal)).toEqual({ asked: [], left: 0 });
  });

  it("waits for its time: a week before the end, or a third of a shorter life, and not after the end", async () => {
    host.tokenDescription = { ...host.tokenDescription, expires_at: dayOf(inDays(20)) };
    const { id } = await renewing();
    const asked = async (days: number) => (await renewTokens(after(days * DAY_MS), folder, signal)).asked.length;
    expect(await asked(0)).toBe(0);
    expect(await asked(12)).toBe(0);
    expect(await asked(21)).toBe(0);
    await database.db.gitCredential.update({
      where: { id },
      data: { rotatedAt: inDays(0), expiresAt: inDays(6) },
    });
    expect(await asked(3.9)).toBe(0);
    expect(await asked(4.1)).toBe(1);
  });

  it("is renewed once, by whichever worker is first, though two credentials that share it ask for it", async () => {
    const { password } = await renewing("a");
    const { id } = await newCredential("b", password);
    await chooseRenewal(ctx, { id, on: true });
    const before = wishes();
    const turns = await Promise.all(Array.from({ length: 6 }, () => renewTokens(ctx, folder, signal)));
    expect(turns.flatMap(({ asked }) => asked)).toEqual(["renewed"]);
    expect(wishes()).toBe(before + 1);
  });

  it("is left alone where its renewal is off, or was turned off again", async () => {
    const { id } = await newCredential("a");
    expect((await renewTokens(ctx, folder, signal)).asked).toEqual([]);
    await chooseRenewal(ctx, { id, on: true });
    await chooseRenewal(ctx, { id, on: false });
    expect((await renewTokens(ctx, folder, signal)).asked).toEqual([]);
    expect(await audited()).toEqual([
      "credential.created",
      "credential.renewal_turned_on",
      "credential.renewal_turned_off",
    ]);
  });

  it("is in use though its test has no answer, since the old one has ended; its end is the one that was promised", async () => {
    const { id, password } = await renewing();
    await renewTokens(ctx, folder, signal);
    const upstream = createUpstreamClient(createEgressPolicy([]));
    await bringRound({ ...ctx, upstream });
    expect(await current(id)).toBe(host.renewed.get(password));
    expect(await row(id)).toMatchObject({ testOutcome: "unreachable", expiresAt: new Date(dayOf(inDays(90))) });
  });

  it("waits as a pending secret where its host rejects it, until the host takes it", async () => {
    const { id, password } = await renewing();
    await renewTokens(ctx, folder, signal);
    const fresh = host.renewed.get(password)!;
    host.tokens.delete(fresh);
    await bringRound();
    expect(await current(id)).toBe(password);
    await expect(finishRotation(ctx, { id })).rejects.toMatchObject({ code: "credential_refused" });
    expect(await row(id)).toMatchObject({ currentVersion: 1, pendingVersion: 2, pendingBy: "renewal" });
    await expect(discardRotation(ctx, { id })).rejects.toMatchObject({ code: "conflict" });
    host.tokens.set(fresh, "write");
    await finishRotation(ctx, { id });
    expect(await current(id)).toBe(fresh);
  });

  it("is not pulled with while its host has ended it and the new one is on its way", async () => {
    const { repository, password } = await renewing("a");
    const { repository: sharing } = await newCredential("b", password);
    const mirrors = mkdtempSync(path.join(os.tmpdir(), "latchkey-mirrors-"));
    const gateway = await startGateway(ctx.upstream);
    const maintain = () => Promise.resolve();
    const tools = { gateway, mirrors, minFreeBytes: 0, slots: organizationSlots(3), maintain, signal };
    const pull = (repositoryId: string) =>
      pullRepository(ctx, tools, { repositoryId, ref: null, requestedBy: "schedule" });
    let meanwhile: unknown;
    await renewTokens(
      afterAnswer(async () => void (meanwhile = await pull(sharing))),
      folder,
      signal,
    );
    expect(meanwhile).toBe("postponed");
    expect(await pull(repository)).toBe("postponed");
    await bringRound();
    expect([await pull(repository), await pull(sharing)]).toEqual(["succeeded", "succeeded"]);
    await gateway.stop();
    rmSync(mirrors, { recursive: true });
  });

  it("does not take the place of a secret that somebody put there meanwhile", async () => {
    const { id, password } = await renewing("a");
    const { id: sharing } = await newCredential("b", password);
    await renewTokens(ctx, folder, signal);
    await rotateCredential(ctx, { id, password: "by hand" });
    const [rotation] = await database.db.rotation.findMany({ where: { organizationId: acme.id } });
    await expect(cancelRotation(ctx, { id: rotation!.id })).rejects.toMatchObject({ code: "conflict" });
    await bringRound();
    expect(await current(id)).toBe("by hand");
    expect(await current(sharing)).toBe(host.renewed.get(password));
    const { items } = await readRotation(ctx, { id: rotation!.id, page: 1, pageSize: 10 });
    expect(items.map(({ state, code }) => [state, code])).toEqual([
      ["kept", "conflict"],
      ["rotated", null],
    ]);
  });
});

describe("a host that does not renew", () => {
  it("and does not know the token any more is asked for nothing, and the credential counts as rejected", async () => {
    const { id, password } = await renewing();
    host.tokens.delete(password);
    const before = wishes();
    expect((await renewTokens(ctx, folder, signal)).asked).toEqual(["rejected"]);
    expect(wishes()).toBe(before);
    expect(await row(id)).toMatchObject({ testOutcome: "rejected", currentVersion: 1 });
    expect((await readRenewal(ctx, id)).failed).toMatchObject({ outcome: "rejected" });
    expect((await renewTokens(ctx, folder, signal)).asked).toEqual([]);
  });

  it.each([
    ["400, as to an end that it does not allow", 400],
    ["403", 403],
    ["404, as an older GitLab does", 404],
  ])("answers %s: the token stays in use, and the host is asked again the next day", async (_answer, status) => {
    const { id, password } = await renewing();
    host.renews = status;
    expect((await renewTokens(ctx, folder, signal)).asked).toEqual(["refused"]);
    expect(await current(id)).toBe(password);
    expect((await readRenewal(ctx, id)).failed).toMatchObject({ outcome: "refused" });
    await chooseRenewal(ctx, { id, on: false });
    expect((await readRenewal(ctx, id)).failed).toBeNull();
    await chooseRenewal(ctx, { id, on: true });
    expect((await renewTokens(after(20 * 60 * MINUTE_MS), folder, signal)).asked).toEqual([]);
    host.renews = "properly";
    expect((await renewTokens(after(25 * 60 * MINUTE_MS), folder, signal)).asked).toEqual(["renewed"]);
  });

  it("lacks the scope since it was turned on: nothing is asked", async () => {
    await renewing();
    host.tokenDescription = { ...host.tokenDescription, scopes: ["read_repository"] };
    const before = wishes();
    expect((await renewTokens(ctx, folder, signal)).asked).toEqual(["refused"]);
    expect(wishes()).toBe(before);
  });

  it("answers 500, which may mean anything: the token is found to live, and the host is asked again", async () => {
    const { id, password } = await renewing();
    host.renews = 500;
    expect((await renewTokens(ctx, folder, signal)).asked).toEqual(["unknown"]);
    host.renews = "properly";
    expect((await renewTokens(after(MINUTE_MS), folder, signal)).asked).toEqual([]);
    expect((await renewTokens(after(3 * MINUTE_MS), folder, signal)).asked).toEqual([]);
    expect((await readRenewal(ctx, id)).failed).toMatchObject({ outcome: "unreachable" });
    expect(await current(id)).toBe(password);
    expect((await renewTokens(after(65 * MINUTE_MS), folder, signal)).asked).toEqual(["renewed"]);
  });

  it("cannot be reached: it is asked again an hour later", async () => {
    await renewing();
    const away = { ...ctx, upstream: createUpstreamClient(createEgressPolicy([])) };
    expect((await renewTokens(away, folder, signal)).asked).toEqual(["unreachable"]);
    expect((await renewTokens(ctx, folder, signal)).asked).toEqual([]);
    expect((await renewTokens(after(61 * MINUTE_MS), folder, signal)).asked).toEqual(["renewed"]);
  });

  it("is not asked to renew one once there is a stop, and is asked after the next start", async () => {
    await renewing();
    const before = wishes();
    const { stopped, signal: stopping } = stoppingAt(ctx, 1);
    expect((await renewTokens(stopped, folder, stopping)).asked).toEqual(["not asked"]);
    expect((await renewTokens(ctx, folder, stopping)).asked).toEqual([]);
    expect(wishes()).toBe(before);
    expect((await renewTokens(ctx, folder, signal)).asked).toEqual(["renewed"]);
  });

  it("is waited for where it was asked before the stop: what it answers is kept", async () => {
    const { id, password } = await renewing();
    const stopping = new AbortController();
    const connect: UpstreamClient["connect"] = (at) => {
      const connection = ctx.upstream.connect(at);
      const post: typeof connection.post = (wish) => {
        const answer = connection.post(wish);
        stopping.abort();
        return answer;
      };
      return { ...connection, post };
    };
    const stopped = { ...ctx, upstream: { ...ctx.upstream, connect } };
    expect((await renewTokens(stopped, folder, stopping.signal)).asked).toEqual(["renewed"]);
    await bringRound();
    expect(await current(id)).toBe(host.renewed.get(password));
  });

  it.each(["hang up", "in words", "never"] as const)(
    "renews, and its answer is lost (%s): that is said, and nothing makes it end the new token as well",
    async (manner) => {
      const { id, password } = await renewing();
      host.renews = manner;
      const impatient = { ...ctx, upstream: clientOf({ answerMs: manner === "never" ? 400 : 10_000 }) };
      const before = wishes();
      expect((await renewTokens(impatient, folder, signal)).asked).toEqual(["unknown"]);
      host.renews = "properly";
      for (const minutes of [3, 70, 48 * 60]) await renewTokens(after(minutes * MINUTE_MS), folder, signal);
      expect(wishes()).toBe(before + 1);
      expect(host.tokens.has(host.renewed.get(password)!)).toBe(true);
      expect((await readRenewal(ctx, id)).failed).toMatchObject({ outcome: "cut_off" });
      expect(await row(id)).toMatchObject({ testOutcome: "rejected", currentVersion: 1 });
      expect((await audited()).filter((action) => action === "credential.renewal_failed")).toHaveLength(1);
      await rotateCredential(ctx, { id, password: host.renewed.get(password)! });
      expect((await readRenewal(ctx, id)).failed).toBeNull();
    },
  );
});

describe("a database that goes away between a host's answer and the write", () => {
  async function withAdmin(...statements: string[]): Promise<void> {
    const admin = new pg.Client({ connectionString: inject("postgresUrl") });
    await admin.connect();
    for (const statement of statements) await admin.query(statement);
    await admin.end();
  }
  const name = () => new URL(database.url).pathname.slice(1);
  const goAway = () =>
    withAdmin(
      `ALTER DATABASE ${name()} ALLOW_CONNECTIONS false`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name()}'`,
    );
  const comeBack = () => withAdmin(`ALTER DATABASE ${name()} ALLOW_CONNECTIONS true`);

  it("loses nothing: the token is on the disk, sealed, and the next turn takes it in", async () => {
    const { id, password } = await renewing();
    await expect(renewTokens(afterAnswer(goAway), folder, signal)).rejects.toThrow();
    await comeBack();
    const fresh = host.renewed.get(password)!;
    const [file] = readdirSync(folder);
    expect(statSync(path.join(folder, file!)).mode & 0o777).toBe(0o600);
    const text = readFileSync(path.join(folder, file!), "utf8");
    expect(text).not.toContain(fresh);
    expect(Buffer.from((JSON.parse(text) as { sealed: string }).sealed, "base64").toString("latin1")).not.toContain(
      fresh,
    );
    expect(await renewTokens(ctx, folder, signal)).toEqual({ asked: [], left: 0 });
    expect(readdirSync(folder)).toEqual([]);
    await bringRound();
    expect(await current(id)).toBe(fresh);
  });

  it("finds it even after another instance took the renewal for cut off", async () => {
    const { id, password } = await renewing();
    await expect(renewTokens(afterAnswer(goAway), folder, signal)).rejects.toThrow();
    await comeBack();
    const elsewhere = mkdtempSync(path.join(os.tmpdir(), "latchkey-renewals-"));
    await renewTokens(after(3 * MINUTE_MS), elsewhere, signal);
    rmSync(elsewhere, { recursive: true });
    expect((await readRenewal(ctx, id)).failed).toMatchObject({ outcome: "cut_off" });
    await renewTokens(after(4 * MINUTE_MS), folder, signal);
    await bringRound();
    expect(await current(id)).toBe(host.renewed.get(password));
  });

  it("leaves alone what is no answer of a renewal that is known, or not whole", async () => {
    writeFileSync(path.join(folder, "rot_00.sealed"), '{"id":"rot_00","masterKeyId"');
    const foreign = { id: "rot_01", masterKeyId: "test", sealed: "AAAA", expiresAt: new Date().toISOString() };
    writeFileSync(path.join(folder, "rot_01.sealed"), JSON.stringify(foreign));
    const ended = { ...foreign, id: "rot_02", masterKeyId: "ended" };
    writeFileSync(path.join(folder, "rot_02.sealed"), JSON.stringify(ended));
    expect(await renewTokens(ctx, folder, signal)).toEqual({ asked: [], left: 2 });
    expect(readdirSync(folder)).toEqual(["rot_00.sealed", "rot_01.sealed", "rot_02.sealed"]);
  });
});

describe("somebody who writes to the database", () => {
  /** A renewal that nobody began, at a host of theirs. */
  async function forged(id: string, elsewhere: string) {
    const { currentVersion: version, fingerprint } = await row(id);
    const renewal = { id: newId("rot"), organizationId: acme.id, credentialId: id, version, host: elsewhere };
    const askedAt = new Date(NOW.getTime() - 5 * MINUTE_MS);
    await database.db.renewal.create({ data: { ...renewal, fingerprint: fingerprint!, askedAt } });
    return { ...renewal, organizationSlug: acme.slug };
  }

  it.each([
    ["is to be settled", (there: Context) => renewTokens(there, folder, signal)],
    ["is to be asked", (there: Context, renewal: BegunRenewal) => askRenewal(there, { folder, signal }, renewal)],
  ])("has no token sent to a host of theirs by a renewal that %s", async (_when, turn) => {
    const elsewhere = await startWitness("127.0.0.1");
    const { id, password } = await newCredential();
    const egress = createEgressPolicy([host.host, elsewhere.host]);
    const upstream = createUpstreamClient(egress, readFileSync(host.caFile, "utf8"));
    const renewal = await forged(id, elsewhere.host);
    const before = host.sent.length;
    await turn({ ...ctx, upstream }, renewal);
    expect(elsewhere.heard).toEqual([]);
    expect(host.sent).toHaveLength(before);
    expect(await database.db.renewal.count({ where: { id: renewal.id, endedAt: null } })).toBe(0);
    expect(await current(id)).toBe(password);
    await elsewhere.stop();
  });
});

describe("turning it on", () => {
  it("is for who may change credentials, in their own organization", async () => {
    const { id } = await newCredential();
    const viewer = { ...ctx, actor: memberActor(acme, { role: "viewer" }) };
    await expect(chooseRenewal(viewer, { id, on: true })).rejects.toMatchObject({ code: "forbidden" });
    const other = await makeOrganization(database.db, `other-${(counter += 1)}`);
    const stranger = { ...ctx, actor: memberActor(other) };
    await expect(chooseRenewal(stranger, { id, on: true })).rejects.toMatchObject({ code: "not_found" });
    await expect(readRenewal(stranger, id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("wants a token that is known to be able to", async () => {
    host.tokenDescription = { ...host.tokenDescription, scopes: ["read_repository"] };
    const { id } = await newCredential("a");
    expect(await readRenewal(ctx, id)).toMatchObject({ on: false, possible: false });
    await expect(chooseRenewal(ctx, { id, on: true })).rejects.toMatchObject({ code: "conflict" });
    host.tokenDescription = { ...host.tokenDescription, scopes: ["api"] };
    const { id: able } = await newCredential("b");
    await chooseRenewal(ctx, { id: able, on: true });
    expect((await row(able)).renews).toBe(true);
  });
});
