import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { eraseExpired, erasePrevious } from "@/lib/domain/credentials/erase-previous";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { discardRotation, finishRotation } from "@/lib/domain/credentials/finish-rotation";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { rollBackCredential } from "@/lib/domain/credentials/roll-back-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { stageSecret } from "@/lib/domain/credentials/stage-secret";
import { keepPreviousFor } from "@/lib/domain/organizations/keep-previous-for";
import { organizationSlots } from "@/lib/domain/sync/organization-slots";
import { pullRepository, type PullTools } from "@/lib/domain/sync/pull-repository";
import { readSync } from "@/lib/domain/sync/read-sync";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { startGateway } from "@/lib/domain/upstream/gateway";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { addWebhook } from "@/lib/domain/webhooks/add-webhook";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";

const database = useDatabase();
const DAY_MS = 24 * 60 * 60 * 1000;
let host: GitHost;
let acme: MadeOrganization;
let ctx: Context;
let tools: PullTools;
let counter = 0;

beforeAll(async () => {
  host = await startGitHost("GitLab");
  host.addRepository("team/app");
  host.tokens.set("writes", "write").set("writes-too", "write").set("reads", "read");
  acme = await makeOrganization(database.db, "acme");
  const upstream = createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8"));
  ctx = makeContext(database.db, memberActor(acme), { upstream });
  tools = {
    gateway: await startGateway(upstream),
    mirrors: mkdtempSync(path.join(os.tmpdir(), "latchkey-mirrors-")),
    minFreeBytes: 0,
    slots: organizationSlots(3),
    maintain: () => Promise.resolve(),
    signal: new AbortController().signal,
  };
});

afterAll(async () => {
  await tools.gateway.stop();
  await host.stop();
  rmSync(tools.mirrors, { recursive: true, force: true });
});

async function newCredential(password: string) {
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
  const repository = await makeRepository(database.db, acme, `app-${(counter += 1)}`, upstream);
  const { id } = await createCredential(ctx, { repository: repository.id, password, test: "required" });
  return { id, repository };
}

const row = (id: string) => database.db.gitCredential.findUniqueOrThrow({ where: { id } });
const current = async (id: string) => withOpenSecret(ctx, await findCredential(ctx, id), ({ password }) => password);
const versions = async (credentialId: string) =>
  (await database.db.credentialSecret.findMany({ where: { credentialId }, orderBy: { version: "asc" } })).map(
    ({ version }) => version,
  );
const pull = ({ id }: { id: string }) =>
  pullRepository(ctx, tools, { repositoryId: id, ref: null, requestedBy: "ada" });
const actions = async (repositoryId: string) =>
  (await database.db.auditEvent.findMany({ where: { repositoryId }, orderBy: { seq: "asc" } })).map(
    ({ action }) => action,
  );

describe("a rotation with a test", () => {
  it("takes nothing away: a secret that may do less is refused, erased, and said to be missing writing", async () => {
    const { id, repository } = await newCredential("writes");
    const weaker = rotateCredential(ctx, { id, password: "reads", test: "required" });
    await expect(weaker).rejects.toThrow("lets it read but not write, and the current one may write");
    expect(await current(id)).toBe("writes");
    expect(await versions(id)).toEqual([1]);
    expect(await row(id)).toMatchObject({ currentVersion: 1, pendingVersion: null, testOutcome: "reads_and_writes" });
    expect(await actions(repository.id)).toEqual([
      "credential.created",
      "credential.staged",
      "credential.refused",
      "credential.staged_erased",
    ]);
  });

  it("goes through where the new one may do more, or nothing is known of the current one", async () => {
    const { id } = await newCredential("reads");
    await rotateCredential(ctx, { id, password: "writes", test: "required" });
    expect(await current(id)).toBe("writes");
    await rotateCredential(ctx, { id, password: "unknown" });
    await rotateCredential(ctx, { id, password: "reads", test: "required" });
    expect(await current(id)).toBe("reads");
  });

  it("leaves a pending secret where the process ends before the test, which can be finished or discarded", async () => {
    const { id, repository } = await newCredential("writes");
    const stage = async (password: string) =>
      stageSecret(ctx, await findCredential(ctx, id), { username: null, password });
    await stage("lost");
    expect(await current(id)).toBe("writes");
    await discardRotation(ctx, { id });
    expect(await versions(id)).toEqual([1]);
    await expect(discardRotation(ctx, { id })).rejects.toMatchObject({ code: "conflict" });
    await stage("wrong");
    await expect(finishRotation(ctx, { id })).rejects.toMatchObject({ code: "credential_refused" });
    expect(await row(id)).toMatchObject({ currentVersion: 1, pendingVersion: null });
    await stage("writes-too");
    expect(await pull(repository)).toBe("succeeded");
    expect(host.sent).not.toContain("writes-too");
    await finishRotation(ctx, { id });
    expect(await current(id)).toBe("writes-too");
    expect(await row(id)).toMatchObject({ pendingVersion: null, previousVersion: 1, testOutcome: "reads_and_writes" });
  });

  it("is not undone by one that was staged before it", async () => {
    const { id } = await newCredential("writes");
    const credential = await findCredential(ctx, id);
    const version = await stageSecret(ctx, credential, { username: null, password: "writes-too" });
    await rotateCredential(ctx, { id, password: "from a script" });
    expect(await current(id)).toBe("from a script");
    expect(await row(id)).toMatchObject({ pendingVersion: null, previousVersion: 1 });
    expect(await versions(id)).not.toContain(version);
    expect(await stageSecret(ctx, credential, { username: null, password: "late" })).toBeUndefined();
  });
});

describe("the previous secret", () => {
  it("is gone back to once it passed its test, as a new version, and the newer one is kept in turn", async () => {
    const { id } = await newCredential("writes");
    await rotateCredential(ctx, { id, password: "writes-too" });
    const { createdAt } = await row(id);
    expect(await rollBackCredential(ctx, { id })).toEqual({ id, createdAt });
    expect(await current(id)).toBe("writes");
    expect(await row(id)).toMatchObject({ currentVersion: 3, previousVersion: 2, testOutcome: "reads_and_writes" });
    await rollBackCredential(ctx, { id });
    expect(await current(id)).toBe("writes-too");
  });

  it("is not gone back to where its host refuses it by now", async () => {
    host.tokens.set("short-lived", "write");
    const { id } = await newCredential("short-lived");
    await rotateCredential(ctx, { id, password: "writes" });
    host.tokens.delete("short-lived");
    await expect(rollBackCredential(ctx, { id })).rejects.toMatchObject({ code: "credential_refused" });
    expect(await current(id)).toBe("writes");
  });

  it("is not gone back to where it is erased while it is tested", async () => {
    const { id } = await newCredential("writes");
    await rotateCredential(ctx, { id, password: "writes-too" });
    let erased: Promise<void> | undefined;
    const connect: Context["upstream"]["connect"] = (address) => {
      const connection = ctx.upstream.connect(address);
      return {
        ...connection,
        get: async (question) => {
          const answer = await connection.get(question);
          await (erased ??= erasePrevious(ctx, { id }));
          return answer;
        },
      };
    };
    await expect(rollBackCredential({ ...ctx, upstream: { connect } }, { id })).rejects.toMatchObject({ code: "busy" });
    expect(await current(id)).toBe("writes-too");
    expect(await versions(id)).toEqual([2]);
  });

  it("is erased when its days are over, at once when asked, and never kept where the organization keeps none", async () => {
    const { id } = await newCredential("writes");
    await rotateCredential(ctx, { id, password: "writes-too" });
    expect(await versions(id)).toEqual([1, 2]);
    const after = (days: number) => ({ ...ctx, clock: () => new Date(Date.now() + days * DAY_MS) });
    await eraseExpired(after(6.9));
    expect(await versions(id)).toEqual([1, 2]);
    await expect(rollBackCredential(after(7.1), { id })).rejects.toMatchObject({ code: "no_previous" });
    await eraseExpired(after(7.1));
    expect(await versions(id)).toEqual([2]);
    await rotateCredential(ctx, { id, password: "writes" });
    await erasePrevious(ctx, { id });
    expect(await versions(id)).toEqual([3]);
    await expect(erasePrevious(ctx, { id })).rejects.toMatchObject({ code: "no_previous" });
    await keepPreviousFor(ctx, { days: 0 });
    await rotateCredential(ctx, { id, password: "writes-too" });
    expect(await versions(id)).toEqual([4]);
    await expect(rollBackCredential(ctx, { id })).rejects.toMatchObject({ code: "no_previous" });
    await keepPreviousFor(ctx, { days: 7 });
  });

  it("comes back by itself where the first pull with the new one is rejected", async () => {
    const { id, repository } = await newCredential("writes");
    expect(await pull(repository)).toBe("succeeded");
    const webhook = await addWebhook(ctx, {
      url: "https://hooks.example.com/",
      secret: "0123456789abcdef",
      events: ["credential.rolled_back"],
    });
    await rotateCredential(ctx, { id, password: "mistyped" });
    expect(await pull(repository)).toBe("rejected");
    expect(await current(id)).toBe("writes");
    expect(await row(id)).toMatchObject({
      testOutcome: "reads_and_writes",
      rolledBackAt: expect.any(Date) as Date,
    });
    expect((await actions(repository.id)).at(-1)).toBe("credential.rolled_back");
    const told = await database.db.webhookDelivery.findMany({ where: { webhookId: webhook.id } });
    expect(told.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
      { automatic: true, credential: { id } },
    ]);
    const { refusals } = await database.db.repository.findUniqueOrThrow({ where: { id: repository.id } });
    expect(refusals).toBe(0);
    const sync = await readSync(ctx, { repositoryId: repository.id, defaultBranch: "main" });
    expect(sync).toMatchObject({ due: true, pausedAt: null });
    const jobs = await database.db.$queryRaw<unknown[]>`
      SELECT id::text FROM graphile_worker.jobs WHERE key = ${`pull:${repository.id}`}`;
    expect(jobs).toHaveLength(1);
    expect(await pull(repository)).toBe("succeeded");
    await rotateCredential(ctx, { id, password: "writes-too" });
    expect((await row(id)).rolledBackAt).toBeNull();
  });

  it("does not come back by itself once the new one had an answer, or where it is refused as well", async () => {
    host.tokens.set("once-good", "write");
    const { id, repository } = await newCredential("writes");
    await rotateCredential(ctx, { id, password: "once-good" });
    expect(await pull(repository)).toBe("succeeded");
    host.tokens.delete("once-good");
    expect(await pull(repository)).toBe("rejected");
    expect(await current(id)).toBe("once-good");
    const both = await newCredential("writes");
    await rotateCredential(ctx, { id: both.id, password: "bad-one" });
    await rotateCredential(ctx, { id: both.id, password: "bad-two" });
    expect(await pull(both.repository)).toBe("rejected");
    expect(await current(both.id)).toBe("bad-two");
  });
});

it("a version that is asked for must be the current one", async () => {
  const { id } = await newCredential("writes");
  await rotateCredential(ctx, { id, password: "two", ifVersion: 1 });
  const late = rotateCredential(ctx, { id, password: "three", ifVersion: 1 });
  await expect(late).rejects.toMatchObject({ code: "version_mismatch", details: { version: 2 } });
  await expect(rollBackCredential(ctx, { id, ifVersion: 1 })).rejects.toMatchObject({ code: "version_mismatch" });
  expect(await current(id)).toBe("two");
  const both = await Promise.allSettled([
    rotateCredential(ctx, { id, password: "a", ifVersion: 2 }),
    rotateCredential(ctx, { id, password: "b", ifVersion: 2 }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});
