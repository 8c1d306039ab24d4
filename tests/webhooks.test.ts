import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { validateWebhook } from "@pierre/storage";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WEBHOOK_EVENTS, type WebhookEvent } from "@/lib/contract/webhooks";
import { recordAudit } from "@/lib/domain/audit/record-audit";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { testCredential } from "@/lib/domain/credentials/test-credential";
import { organizationSlots } from "@/lib/domain/sync/organization-slots";
import { pullRepository, type PullTools } from "@/lib/domain/sync/pull-repository";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { startGateway } from "@/lib/domain/upstream/gateway";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { addWebhook, MAX_WEBHOOKS } from "@/lib/domain/webhooks/add-webhook";
import { announce, MOST_WAITING } from "@/lib/domain/webhooks/announce";
import { deliverWebhook } from "@/lib/domain/webhooks/deliver-webhook";
import { MAX_FAILURES } from "@/lib/domain/webhooks/keep-attempt";
import { listDeliveries } from "@/lib/domain/webhooks/list-deliveries";
import { listWebhooks, readWebhook } from "@/lib/domain/webhooks/list-webhooks";
import { removeWebhook } from "@/lib/domain/webhooks/remove-webhook";
import { replayDelivery } from "@/lib/domain/webhooks/replay-delivery";
import { pauseFullWebhook } from "@/lib/domain/webhooks/pause-full-webhook";
import { MOST_WAITING_BY_HAND } from "@/lib/domain/webhooks/require-room";
import { sendTest } from "@/lib/domain/webhooks/send-test";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { startWebhookReceiver, type WebhookReceiver } from "./support/webhook-receiver";
import { useDatabase } from "./support/database";

const database = useDatabase();
const SECRET = "a-secret-of-the-receiver-42";
let host: GitHost;
let receiver: WebhookReceiver;
let acme: MadeOrganization;
let ctx: Context;
let tools: PullTools;
let counter = 0;

beforeAll(async () => {
  host = await startGitHost("GitLab");
  receiver = await startWebhookReceiver();
  host.addRepository("team/app");
  host.tokens.set("reads", "read");
  const authorities = `${readFileSync(host.caFile, "utf8")}\n${receiver.ca}`;
  const egress = createEgressPolicy([host.host, receiver.host]);
  const upstream = createUpstreamClient(egress, authorities);
  ctx = makeContext(database.db, memberActor({ id: "", slug: "" }), { egress, upstream });
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
  await receiver.stop();
  rmSync(tools.mirrors, { recursive: true, force: true });
});

beforeEach(async () => {
  acme = await makeOrganization(database.db, `acme-${(counter += 1)}`);
  ctx = { ...ctx, actor: memberActor(acme) };
  receiver.received.length = 0;
  receiver.answerWith(200);
});

const add = (events: WebhookEvent[] = [...WEBHOOK_EVENTS]) =>
  addWebhook(ctx, { url: receiver.url, secret: SECRET, events });

function newRepository() {
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
  return makeRepository(database.db, acme, `app-${(counter += 1)}`, upstream);
}

const pull = (repository: { id: string }) =>
  pullRepository(ctx, tools, { repositoryId: repository.id, ref: null, requestedBy: "ada" });

/** What the worker does with everything that waits, in the order in which it was put into the queue. */
async function deliver({ last = false, at = new Date(), upstream = ctx.upstream } = {}): Promise<string[]> {
  const jobs = await database.db.$queryRaw<{ id: string }[]>`
    SELECT job.payload->>'deliveryId' AS id FROM graphile_worker._private_jobs AS job
    JOIN webhook_delivery d ON d.id = job.payload->>'deliveryId' JOIN webhook w ON w.id = d.webhook_id
    WHERE w.organization_id = ${acme.id} AND d.state = 'waiting' ORDER BY job.id`;
  const results: string[] = [];
  const { signal } = tools;
  for (const { id } of jobs) {
    results.push(await deliverWebhook({ ...ctx, upstream, clock: () => at }, { deliveryId: id }, { last, signal }));
  }
  return results;
}

/** So many deliveries that wait for a webhook. */
const line = (webhookId: string, length: number) =>
  database.db.$executeRaw`
    INSERT INTO webhook_delivery (id, webhook_id, event, payload)
    SELECT ${`${webhookId}-`} || n, ${webhookId}, 'webhook.test', '{}' FROM generate_series(1, ${length}::int) AS n`;

/** Lets so many of them wait on, and no more. */
const shorten = (webhookId: string, length: number) =>
  database.db.$executeRaw`
    UPDATE webhook_delivery SET state = 'delivered' WHERE webhook_id = ${webhookId} AND id NOT IN (
      SELECT id FROM webhook_delivery WHERE webhook_id = ${webhookId} AND state = 'waiting' ORDER BY id LIMIT ${length}::int
    )`;

const pauseJobs = async (webhookId: string) => {
  const key = `pause_webhook:${webhookId}`;
  const [row] = await database.db.$queryRaw<[{ count: number }]>`
    SELECT count(*)::int AS count FROM graphile_worker.jobs WHERE key = ${key}`;
  return row.count;
};

/** One attempt at one that waits. */
async function sendOne(webhookId: string): Promise<string> {
  const { id } = await database.db.webhookDelivery.findFirstOrThrow({ where: { webhookId, state: "waiting" } });
  return deliverWebhook(ctx, { deliveryId: id }, { last: false, signal: tools.signal });
}

const deliveries = async (webhookId: string) => (await listDeliveries(ctx, { webhookId, page: 1, pageSize: 100 })).rows;

describe("what a webhook is told", () => {
  it("is the beginning and the end of each pull, as the published client takes it", async () => {
    await add();
    const repository = await newRepository();
    await createCredential(ctx, { repository: repository.id, password: "reads" });
    await pull(repository);
    await pull(repository);
    expect(await deliver()).toEqual(["done", "done", "done", "done"]);
    const told = [];
    for (const { headers, body } of receiver.received) {
      const checked = await validateWebhook(body, headers, SECRET);
      expect(checked).toMatchObject({ valid: true });
      const payload = JSON.parse(body) as Record<string, unknown>;
      expect(headers["x-pierre-event"]).toBe(payload.type);
      told.push(payload);
    }
    const about = { repository: { id: repository.id, url: repository.name }, started_at: expect.any(String) as string };
    const first = { ...about, run_count: 1, is_first_sync: true };
    const second = { ...about, run_count: 2, is_first_sync: false };
    const completed_at = expect.any(String) as string;
    expect(told).toEqual([
      { type: "repo.sync.started", ...first },
      { type: "repo.sync.succeeded", ...first, completed_at },
      { type: "repo.sync.started", ...second },
      { type: "repo.sync.succeeded", ...second, completed_at },
    ]);
  });

  it("is a failure with its sentence, and a rejection once while it lasts", async () => {
    await add(["repo.sync.failed", "credential.rejected"]);
    const repository = await newRepository();
    const { id } = await createCredential(ctx, { repository: repository.id, password: "wrong" });
    await pull(repository);
    await pull(repository);
    await testCredential(ctx, { id });
    await deliver();
    const told = receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(told.map(({ type }) => type)).toEqual(["repo.sync.failed", "credential.rejected", "repo.sync.failed"]);
    expect(told[0]).toMatchObject({ error: expect.stringContaining("refused this secret (401)") as string });
    expect(told[1]).toMatchObject({ credential: { id }, repository: { id: repository.id, url: repository.name } });
    expect(JSON.stringify(told)).not.toContain("wrong-");
  });

  it("is a rejection that a test finds", async () => {
    await add(["credential.rejected"]);
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "wrong" });
    await testCredential(ctx, { id });
    await testCredential(ctx, { id });
    await deliver();
    expect(receiver.received).toHaveLength(1);
  });

  it("is a pause once, when the third pull in a row is refused", async () => {
    await add(["repo.sync.paused"]);
    const repository = await newRepository();
    await createCredential(ctx, { repository: repository.id, password: "wrong" });
    for (let turn = 0; turn < 4; turn += 1) await pull(repository);
    await deliver();
    const told = receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    const about = { id: repository.id, url: repository.name };
    expect(told).toEqual([
      { type: "repo.sync.paused", repository: about, paused_at: expect.any(String) as string, refusals: 3 },
    ]);
  });

  it("is a rotation, with its version and whose it is", async () => {
    await add(["credential.rotated"]);
    const repository = await newRepository();
    const { id } = await createCredential(ctx, { repository: repository.id, password: "wrong" });
    await rotateCredential(ctx, { id, password: "reads" });
    await rotateCredential(ctx, { id, password: "reads", test: "required" });
    await expect(rotateCredential(ctx, { id, password: "wrong", test: "required" })).rejects.toThrow();
    await deliver();
    const told = receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    const about = { credential: { id }, repository: { id: repository.id, url: repository.name } };
    expect(told).toMatchObject([
      { type: "credential.rotated", ...about, version: 2, rotated_by: "ada@example.com" },
      { type: "credential.rotated", ...about, version: 3 },
    ]);
  });

  it("is nothing of what it did not ask for, and nothing of another organization's", async () => {
    const { id } = await add(["repo.sync.failed"]);
    const other = await makeOrganization(database.db, `other-${(counter += 1)}`);
    await addWebhook(
      { ...ctx, actor: memberActor(other) },
      { url: receiver.url, secret: SECRET, events: ["repo.sync.started"] },
    );
    const repository = await newRepository();
    await createCredential(ctx, { repository: repository.id, password: "reads" });
    await pull(repository);
    expect(await deliveries(id)).toEqual([]);
    expect(await database.db.webhookDelivery.count({ where: { webhook: { organizationId: other.id } } })).toBe(0);
  });
});

describe("a delivery", () => {
  it("is tried again and signed anew where the answer is no, and given up at the last attempt", async () => {
    const { id } = await add();
    await sendTest(ctx, { id });
    receiver.answerWith(500);
    const start = Date.now();
    expect(await deliver({ at: new Date(start) })).toEqual(["again"]);
    expect(await deliver({ at: new Date(start - 600_000) })).toEqual(["again"]);
    const [first, second] = receiver.received;
    expect(second!.body).toBe(first!.body);
    expect(second!.headers["x-pierre-signature"]).not.toBe(first!.headers["x-pierre-signature"]);
    expect(await validateWebhook(first!.body, first!.headers, SECRET)).toMatchObject({ valid: true });
    expect(await validateWebhook(second!.body, second!.headers, SECRET)).toMatchObject({ valid: false });
    expect(await deliveries(id)).toMatchObject([{ state: "waiting", attempts: 2, status: 500, reason: null }]);
    expect(await deliver({ last: true })).toEqual(["done"]);
    expect(await deliveries(id)).toMatchObject([{ state: "given_up", attempts: 3, status: 500 }]);
  });

  it("can be sent again, with the same body and a delivery of its own", async () => {
    const { id } = await add();
    await sendTest(ctx, { id });
    await deliver();
    const [sent] = await deliveries(id);
    await replayDelivery(ctx, { id: sent!.id });
    expect(await deliver()).toEqual(["done"]);
    const [first, second] = receiver.received;
    expect(second!.body).toBe(first!.body);
    expect(second!.headers["x-latchkey-delivery"]).not.toBe(first!.headers["x-latchkey-delivery"]);
    expect(await deliveries(id)).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
  });

  it("is not added by hand where many wait", async () => {
    const { id } = await add();
    await sendTest(ctx, { id });
    await deliver();
    const [sent] = await deliveries(id);
    await line(id, MOST_WAITING_BY_HAND - 1);
    const asking = [sendTest(ctx, { id }), replayDelivery(ctx, { id: sent!.id }), sendTest(ctx, { id })];
    const ends = await Promise.allSettled(asking);
    const refused = ends.filter(({ status }) => status === "rejected");
    expect(refused).toMatchObject(Array(2).fill({ reason: { code: "queue_full", details: { retryAfter: 60 } } }));
    expect(await database.db.webhookDelivery.count({ where: { webhookId: id, state: "waiting" } })).toBe(
      MOST_WAITING_BY_HAND,
    );
  });

  it("is the last for a while where too many wait: the webhook is paused, loses none, and goes on with half of them", async () => {
    const { id } = await add();
    const { id: quick } = await add(["credential.rotated"]);
    const { id: repository } = await newRepository();
    const { id: credential } = await createCredential(ctx, { repository, password: "reads" });
    const rotate = () => rotateCredential(ctx, { id: credential, password: "reads" });
    const waiting = (webhookId: string) =>
      database.db.webhookDelivery.count({ where: { webhookId, state: "waiting" } });
    const paused = async () => (await readWebhook(ctx, id)).pausedAt !== null;
    await line(id, MOST_WAITING - 1);
    await rotate();
    expect([await waiting(id), await paused()]).toEqual([MOST_WAITING, false]);
    expect(await pauseJobs(id)).toBe(0);
    await rotate();
    await rotate();
    expect([await waiting(id), await waiting(quick), await pauseJobs(id)]).toEqual([MOST_WAITING, 3, 1]);
    expect(await pauseFullWebhook(ctx, { webhookId: id })).toBe(true);
    expect(await pauseFullWebhook(ctx, { webhookId: id })).toBe(false);
    expect([await waiting(id), await paused()]).toEqual([MOST_WAITING, true]);
    const recorded = { action: "webhook.paused", targetId: id };
    expect(await database.db.auditEvent.count({ where: recorded })).toBe(1);
    // What is refused now is tried again as ever, and what arrives does not open the line for one more.
    receiver.answerWith(500);
    const attempt = () => sendOne(id);
    expect(await attempt()).toBe("again");
    receiver.answerWith(200);
    expect(await attempt()).toBe("done");
    expect([await waiting(id), await paused()]).toEqual([MOST_WAITING - 1, true]);
    await shorten(id, MOST_WAITING / 2);
    expect(await attempt()).toBe("done");
    expect(await paused()).toBe(false);
    await rotate();
    expect(await waiting(id)).toBe(MOST_WAITING / 2);
    // One whose line has shortened meanwhile is not paused: with nothing left to arrive it would stay so.
    await shorten(id, MOST_WAITING / 2 - 1);
    expect(await pauseFullWebhook(ctx, { webhookId: id })).toBe(false);
  }, 120_000);

  it("is not made twice where the worker is told of it twice", async () => {
    const { id } = await add();
    await sendTest(ctx, { id });
    await deliver();
    const deliveryId = (await deliveries(id))[0]!.id;
    const { signal } = tools;
    expect(await deliverWebhook(ctx, { deliveryId }, { last: false, signal })).toBe("done");
    expect(receiver.received).toHaveLength(1);
  });

  it("says nothing against its webhook when the worker is stopped in the middle", async () => {
    const { id } = await add();
    await sendTest(ctx, { id });
    const deliveryId = (await deliveries(id))[0]!.id;
    expect(await deliverWebhook(ctx, { deliveryId }, { last: true, signal: AbortSignal.abort() })).toBe("again");
    expect(await deliveries(id)).toMatchObject([{ state: "waiting", attempts: 0 }]);
  });

  it("does not follow redirects, and goes nowhere that the policy forbids", async () => {
    const { id } = await add();
    receiver.answerWith(302, "https://example.com/elsewhere");
    await sendTest(ctx, { id });
    await deliver({ last: true });
    expect(await deliveries(id)).toMatchObject([{ state: "given_up", status: 302 }]);
    const strict = createUpstreamClient(createEgressPolicy([]), receiver.ca);
    await sendTest(ctx, { id });
    await deliver({ last: true, upstream: strict });
    expect((await deliveries(id))[0]).toMatchObject({ state: "given_up", status: null, reason: "address" });
    expect(receiver.received).toHaveLength(1);
    const denied = addWebhook(
      { ...ctx, egress: createEgressPolicy([]) },
      { url: "https://169.254.169.254/latest", secret: SECRET, events: ["repo.sync.failed"] },
    );
    await expect(denied).rejects.toMatchObject({
      code: "invalid_request",
      details: { fields: { url: expect.any(String) as string } },
    });
  });

  it("is not signed with a secret that was sealed for another address", async () => {
    const { id } = await add();
    await sendTest(ctx, { id });
    await database.db.webhook.update({ where: { id }, data: { url: `${receiver.url}&moved=1` } });
    expect(await deliver()).toEqual(["done"]);
    expect(await deliveries(id)).toMatchObject([{ state: "given_up", reason: "secret_unreadable" }]);
    expect(receiver.received).toEqual([]);
    const recorded = { action: "webhook.unreadable", targetId: id, actor: "webhooks" };
    expect(await database.db.auditEvent.count({ where: { organizationId: acme.id, ...recorded } })).toBe(1);
  });
});

describe("a webhook that fails and fails", () => {
  it("stops, and goes on once a test arrives", async () => {
    const { id } = await add(["repo.sync.started", "repo.sync.failed"]);
    await database.db.webhook.update({ where: { id }, data: { failures: MAX_FAILURES - 1 } });
    const repository = await newRepository();
    await pull(repository);
    receiver.answerWith(503);
    expect((await deliver())[0]).toBe("done");
    expect(await readWebhook(ctx, id)).toMatchObject({ pausedAt: expect.any(Date) as Date });
    expect(await deliveries(id)).toMatchObject([
      { state: "given_up", reason: "paused", attempts: 0 },
      { state: "given_up", status: 503, attempts: 1 },
    ]);
    await pull(repository);
    expect(await deliveries(id)).toHaveLength(2);
    receiver.answerWith(204);
    await sendTest(ctx, { id });
    await deliver();
    expect(await readWebhook(ctx, id)).toMatchObject({ pausedAt: null, last: { state: "delivered" } });
    await pull(repository);
    expect((await deliveries(id)).filter(({ state }) => state === "waiting")).toHaveLength(2);
  });
});

describe("who may", () => {
  const token = (repositoryClaim: string | undefined) =>
    ({
      kind: "token",
      subject: "ci",
      signingKeyId: "key_ci",
      organizationId: acme.id,
      organizationSlug: acme.slug,
      scopes: ["git:read", "git:write", "repo:write", "org:read"],
      repositoryClaim,
    }) as const;

  it("is owners, admins and tokens of the whole organization", async () => {
    const { id } = await add();
    const viewer = { ...ctx, actor: memberActor(acme, { role: "viewer" }) };
    await expect(listWebhooks(viewer)).rejects.toMatchObject({ code: "forbidden" });
    await expect(readWebhook(viewer, id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(sendTest(viewer, { id })).rejects.toMatchObject({ code: "forbidden" });
    await expect(removeWebhook(viewer, { id })).rejects.toMatchObject({ code: "forbidden" });
    const bound = { ...ctx, actor: token("app") };
    await expect(listWebhooks(bound)).rejects.toMatchObject({ code: "wrong_repository" });
    await expect(removeWebhook(bound, { id })).rejects.toMatchObject({ code: "wrong_repository" });
    expect(await listWebhooks({ ...ctx, actor: token("org") })).toMatchObject([{ id }]);
  });

  it("is nobody of another organization", async () => {
    const { id } = await add();
    await sendTest(ctx, { id });
    const [sent] = await deliveries(id);
    const other = await makeOrganization(database.db, `other-${(counter += 1)}`);
    const stranger = { ...ctx, actor: memberActor(other) };
    const unknown = { code: "not_found" };
    await expect(readWebhook(stranger, id)).rejects.toMatchObject(unknown);
    await expect(sendTest(stranger, { id })).rejects.toMatchObject(unknown);
    await expect(removeWebhook(stranger, { id })).rejects.toMatchObject(unknown);
    await expect(replayDelivery(stranger, { id: sent!.id })).rejects.toMatchObject(unknown);
    expect((await listDeliveries(stranger, { webhookId: id, page: 1, pageSize: 10 })).total).toBe(0);
  });
});

it("keeps the secret sealed, and removing a webhook removes it with its log", async () => {
  const { id } = await add();
  await sendTest(ctx, { id });
  const [row] = await database.db.$queryRaw<{ text: string }[]>`
    SELECT webhook::text || encode(sealed, 'escape') AS text FROM webhook WHERE id = ${id}`;
  expect(row!.text).not.toContain(SECRET);
  await removeWebhook(ctx, { id });
  expect(await database.db.webhook.count({ where: { id } })).toBe(0);
  expect(await database.db.webhookDelivery.count({ where: { webhookId: id } })).toBe(0);
  const events = await database.db.auditEvent.findMany({
    where: { organizationId: acme.id },
    select: { action: true, payload: true },
  });
  expect(events.map(({ action }) => action).sort()).toEqual(["webhook.added", "webhook.removed", "webhook.tested"]);
  expect(JSON.stringify(events)).not.toContain(SECRET);
});

it("is removed while a change is recorded that is to be told to it, and neither waits for the other for good", async () => {
  const { id } = await add(["credential.rotated"]);
  const waiting = () => database.db.$queryRaw<unknown[]>`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  let removal: Promise<unknown> = Promise.resolve();
  const change = database.db.$transaction(
    async (tx) => {
      const { organizationId } = ctx.actor;
      await recordAudit(tx, ctx, {
        action: "organization.keep_days_changed",
        targetId: organizationId,
        details: { days: 3 },
      });
      removal = removeWebhook(ctx, { id });
      await expect.poll(waiting).toHaveLength(1);
      await announce(tx, ctx, {
        event: { type: "credential.rotated", repository: { id: "repo_1", url: "app" } },
      });
    },
    { timeout: 20_000 },
  );
  expect(await Promise.allSettled([change, change.then(() => removal)])).toMatchObject([
    { status: "fulfilled" },
    { status: "fulfilled" },
  ]);
  expect(await database.db.webhook.count({ where: { id } })).toBe(0);
});

it("has a limit, however many are added at once", async () => {
  const attempts = await Promise.allSettled(Array.from({ length: MAX_WEBHOOKS + 5 }, () => add()));
  expect(attempts.filter(({ status }) => status === "fulfilled")).toHaveLength(MAX_WEBHOOKS);
  expect(await listWebhooks(ctx)).toHaveLength(MAX_WEBHOOKS);
});
