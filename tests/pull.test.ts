import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { runTaskListOnce, type Task } from "graphile-worker";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { syncSentence } from "@/lib/contract/sync-runs";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { listAttention } from "@/lib/domain/repositories/list-attention";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { detachRepository } from "@/lib/domain/repositories/detach-repository";
import { beginSession } from "@/lib/domain/sessions/begin-session";
import { findSessionMember } from "@/lib/domain/sessions/find-session-member";
import { chooseSchedule } from "@/lib/domain/sync/choose-schedule";
import { enqueuePulls, type PullJob } from "@/lib/domain/sync/enqueue-pull";
import { organizationSlots } from "@/lib/domain/sync/organization-slots";
import { pullRepository, type PullTools } from "@/lib/domain/sync/pull-repository";
import { readSync } from "@/lib/domain/sync/read-sync";
import { keepProgress } from "@/lib/domain/sync/keep-progress";
import { watchPull } from "@/lib/domain/sync/watch-pull";
import { removeDeletedMirrors } from "@/lib/domain/sync/remove-deleted-mirrors";
import { requestPull } from "@/lib/domain/sync/request-pull";
import { releaseDeadWorkers, renewLeases } from "@/lib/domain/sync/worker-leases";
import { schedulePulls } from "@/lib/domain/sync/schedule-pulls";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { startGateway } from "@/lib/domain/upstream/gateway";
import { maintainMirror } from "@/lib/domain/upstream/maintain-mirror";
import { mirrorFolder } from "@/lib/domain/upstream/mirror";
import { createUpstreamClient, type UpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { SILENT } from "@/lib/platform/database/prepare-job-queue";
import {
  makeContext,
  makeMember,
  makeOrganization,
  makeRepository,
  memberActor,
  type MadeOrganization,
} from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";
import { provedNow } from "./support/proved";

const database = useDatabase();
let host: GitHost;
let acme: MadeOrganization;
let ctx: Context;
let tools: PullTools;
let counter = 0;
let repository: { id: string; name: string };

beforeAll(async () => {
  host = await startGitHost("GitLab");
  host.addRepository("team/app");
  host.addRepository("team/open", { public: true });
  host.tokens.set("reads", "read").set("reads-too", "read");
  acme = await makeOrganization(database.db, "acme");
  const upstream = createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8"));
  ctx = makeContext(database.db, memberActor(acme), { upstream });
  tools = {
    gateway: await startGateway(upstream),
    mirrors: mkdtempSync(path.join(os.tmpdir(), "latchkey-mirrors-")),
    minFreeBytes: 0,
    slots: organizationSlots(3),
    maintain: async (folder) => void (await maintainMirror(folder, new AbortController().signal)),
    signal: new AbortController().signal,
  };
});

afterAll(async () => {
  await tools.gateway.stop();
  await host.stop();
  rmSync(tools.mirrors, { recursive: true, force: true });
});

beforeEach(async () => {
  repository = await newRepository("app");
});

function newRepository(name: string) {
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name };
  return makeRepository(database.db, acme, `${name}-${(counter += 1)}`, upstream);
}

const pull = (job: Partial<PullJob> = {}, overrides: Partial<PullTools> = {}) =>
  pullRepository(
    ctx,
    { ...tools, ...overrides },
    { repositoryId: repository.id, ref: null, requestedBy: "ada", ...job },
  );
const sync = () => readSync(ctx, { repositoryId: repository.id, defaultBranch: "main" });
const row = () => database.db.repository.findUniqueOrThrow({ where: { id: repository.id } });
const credentialRow = (id: string) => database.db.gitCredential.findUniqueOrThrow({ where: { id } });

/** The way to the upstream, where something happens between an answer and its use. */
function afterEachAnswer(act: () => Promise<void>): UpstreamClient {
  return {
    connect(address) {
      const connection = ctx.upstream.connect(address);
      return {
        ...connection,
        async open(request) {
          const answer = await connection.open(request);
          await act();
          return answer;
        },
      };
    },
  };
}

/** A pack that neither ends nor has its last bytes, so that git waits; a list of branches is as it was sent. */
async function* halfOfPacks(body: Readable): AsyncGenerator<Buffer> {
  const whole = await buffer(body);
  if (whole.length < 100_000) {
    yield whole;
    return;
  }
  yield whole.subarray(0, -30);
  await new Promise(() => undefined);
}

describe("a pull", () => {
  it("leaves the heads that the upstream has, a run, and when the credential was used", async () => {
    const { id } = await createCredential(ctx, { repository: repository.id, password: "reads" });
    host.commit("team/app", "refs/heads/feature");
    expect(await pull()).toBe("succeeded");
    const { runs, heads, headCount } = await sync();
    expect(Object.fromEntries(heads.map(({ ref, objectId }) => [ref, objectId]))).toEqual(host.heads("team/app"));
    expect(heads[0]?.ref).toBe("refs/heads/main");
    expect(headCount).toBe(heads.length);
    expect(runs).toMatchObject([{ outcome: "succeeded", requestedBy: "ada", refsChanged: headCount }]);
    expect(runs[0]?.finishedAt).toBeInstanceOf(Date);
    expect((await credentialRow(id)).lastUsedAt).toBeInstanceOf(Date);
    expect(await pull()).toBe("succeeded");
    expect((await sync()).runs[0]).toMatchObject({ refsChanged: 0 });
  });

  it("is due from when it is asked for until its run begins, also once a worker has taken it", async () => {
    const due = async () => (await sync()).due;
    expect(await due()).toBe(false);
    await requestPull(ctx, { repository: repository.id });
    expect(await due()).toBe(true);
    await database.db.$executeRaw`
      UPDATE graphile_worker._private_jobs SET locked_at = now() WHERE key = ${`pull:${repository.id}`}`;
    expect(await due()).toBe(true);
    await pull();
    expect(await due()).toBe(false);
  });

  it("is watched from the database: waiting, each change while it runs, and its end", async () => {
    const asked = Date.now();
    await database.db.syncRun.create({
      data: {
        id: "run_earlier",
        repositoryId: repository.id,
        requestedBy: "ada",
        startedAt: new Date(asked - 1),
        finishedAt: new Date(asked),
        outcome: "succeeded",
      },
    });
    const { signal } = tools;
    const findActor = () => Promise.resolve(ctx.actor);
    const progress = await watchPull(ctx, { repository: repository.id, asked, signal, findActor });
    expect((await progress.next()).value).toEqual({ state: "waiting" });
    const id = "run_watched";
    await database.db.syncRun.create({
      data: { id, repositoryId: repository.id, requestedBy: "ada", startedAt: new Date(asked + 1) },
    });
    expect((await progress.next()).value).toMatchObject({ state: "running", objectsTotal: 0 });
    const keep = keepProgress(ctx, id, () => Promise.resolve());
    keep({ objectsReceived: 3, objectsTotal: 9, bytes: 1000 });
    expect((await progress.next()).value).toEqual({
      state: "running",
      objectsReceived: 3,
      objectsTotal: 9,
      bytes: 1000,
    });
    await database.db.syncRun.update({ where: { id }, data: { finishedAt: new Date(), outcome: "succeeded" } });
    expect((await progress.next()).value).toEqual({ state: "ended" });
    expect((await progress.next()).done).toBe(true);
    const stranger = { ...ctx, actor: memberActor({ id: "org_other", slug: "other" }) };
    await expect(watchPull(stranger, { repository: repository.id, asked, signal, findActor })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it.each<[string, (watching: { id: string; userId: string }) => Promise<unknown>]>([
    ["whose session was ended", ({ id }) => database.db.session.delete({ where: { id } })],
    [
      "whose session is over",
      ({ id }) => database.db.session.update({ where: { id }, data: { expiresAt: new Date() } }),
    ],
    ["who is no member any more", ({ userId }) => database.db.membership.deleteMany({ where: { userId } })],
    [
      "who lacks a second factor that is asked for since",
      () => database.db.organization.update({ where: { id: acme.id }, data: { secondFactorRequired: true } }),
    ],
  ])("is watched no longer by somebody %s", async (_, refuse) => {
    const email = `watcher-${(counter += 1)}@example.com`;
    const actor = await makeMember(database.db, acme, { email, password: "irrelevant", role: "viewer" });
    const { userId } = actor;
    const place = { method: "password", address: "192.0.2.7", browser: "Firefox" } as const;
    const { id } = await beginSession(ctx, { proved: await provedNow(database.db, userId), ...place });
    const { id: run } = await database.db.syncRun.create({
      data: { id: `run_${userId}`, repositoryId: repository.id, requestedBy: "ada", startedAt: new Date() },
    });
    const findActor = async () => {
      const found = await findSessionMember(ctx, { sessionId: id, userId, slug: acme.slug });
      return found && !found.secondFactorMissing ? found.actor : null;
    };
    const watch = { repository: repository.id, asked: 0, signal: tools.signal, findActor };
    const progress = await watchPull(makeContext(database.db, actor), watch);
    expect((await progress.next()).value).toMatchObject({ state: "running", bytes: 0 });
    await refuse({ id, userId });
    await database.db.syncRun.update({ where: { id: run }, data: { bytes: 1000 } });
    expect(await progress.next()).toEqual({ done: true, value: undefined });
    await database.db.organization.update({ where: { id: acme.id }, data: { secondFactorRequired: false } });
  });

  it("ends where the disk has too little room left in the middle of it, and leaves nothing half there", async () => {
    host.addRepository("team/large", { public: true });
    for (const branch of ["a", "b", "c"]) {
      host.commit("team/large", `refs/heads/${branch}`, randomBytes(60_000).toString("base64"));
    }
    repository = await newRepository("large");
    // The host falls silent within a pack, so that nothing but the disk ends the pull.
    const upstream: UpstreamClient = {
      connect: (address) => {
        const connection = ctx.upstream.connect(address);
        return {
          ...connection,
          async open(request) {
            const answer = await connection.open(request);
            return request.method === "POST" ? { ...answer, body: Readable.from(halfOfPacks(answer.body)) } : answer;
          },
        };
      },
    };
    const gateway = await startGateway(upstream);
    let looks = 0;
    const filling: PullTools = {
      ...tools,
      gateway,
      get minFreeBytes() {
        looks += 1;
        return looks === 1 ? 0 : Number.MAX_SAFE_INTEGER;
      },
    };
    const job = { repositoryId: repository.id, ref: null, requestedBy: "ada" };
    expect(await pullRepository(ctx, filling, job)).toBe("no_space");
    expect(await row()).toMatchObject({ refusals: 0, lastPullOutcome: "no_space" });
    expect(readdirSync(path.join(mirrorFolder(tools.mirrors, repository.id), "objects", "pack"))).toEqual([]);
    await gateway.stop();
    expect(await pull()).toBe("succeeded");
  });

  it("does not begin where the disk has too little room, says so, and blames neither the credential nor the host", async () => {
    const { id } = await createCredential(ctx, { repository: repository.id, password: "reads", test: "required" });
    expect(await pull({}, { minFreeBytes: Number.MAX_SAFE_INTEGER })).toBe("no_space");
    expect(existsSync(mirrorFolder(tools.mirrors, repository.id))).toBe(false);
    expect(await row()).toMatchObject({ refusals: 0, lastPullOutcome: "no_space" });
    expect(await credentialRow(id)).toMatchObject({ testOutcome: "reads_only", lastUsedAt: null });
    const [run] = (await sync()).runs;
    expect(syncSentence(run!, { provider: "gitlab", host: host.host })).toMatch(/^There is too little free space/);
    expect(await pull()).toBe("succeeded");
  });

  it("goes anonymously without a credential, and says where one is needed", async () => {
    expect(await pull()).toBe("needs_credential");
    repository = await newRepository("open");
    expect(await pull()).toBe("succeeded");
  });

  it("shows at the credential when the host refuses it, and is green again after a rotation", async () => {
    const { id } = await createCredential(ctx, { repository: repository.id, password: "reads", test: "required" });
    expect(await pull()).toBe("succeeded");
    host.tokens.delete("reads");
    expect(await pull()).toBe("rejected");
    expect(await credentialRow(id)).toMatchObject({ testOutcome: "rejected" });
    host.tokens.set("reads", "read");
    await rotateCredential(ctx, { id, password: "reads" });
    expect(await pull()).toBe("succeeded");
    expect((await sync()).runs.map(({ outcome }) => outcome)).toEqual(["succeeded", "rejected", "succeeded"]);
  });

  it("pauses after three refusals in a row, until a rotation or a pull by hand", async () => {
    const { id } = await createCredential(ctx, { repository: repository.id, password: "wrong" });
    for (let refusal = 0; refusal < 3; refusal += 1) {
      expect((await row()).pausedAt).toBeNull();
      expect(await pull()).toBe("rejected");
    }
    expect((await row()).pausedAt).toBeInstanceOf(Date);
    await database.db.repository.update({ where: { id: repository.id }, data: { nextPullAt: new Date(0) } });
    expect(await schedulePulls(ctx)).toBe(0);
    await rotateCredential(ctx, { id, password: "reads" });
    expect(await row()).toMatchObject({ pausedAt: null, refusals: 0 });
    expect(await schedulePulls(ctx)).toBe(1);
  });

  it("does not hold an old secret's refusal against a new one", async () => {
    const { id } = await createCredential(ctx, { repository: repository.id, password: "wrong" });
    await pull();
    await pull();
    const rotatedMeanwhile = await startGateway(
      afterEachAnswer(async () => void (await rotateCredential(ctx, { id, password: "reads" }))),
    );
    expect(await pull({}, { gateway: rotatedMeanwhile })).toBe("rejected");
    await rotatedMeanwhile.stop();
    expect(await row()).toMatchObject({ pausedAt: null, refusals: 0 });
    expect(await credentialRow(id)).toMatchObject({ testOutcome: null });
    expect(await pull()).toBe("succeeded");
  });

  it("counts refusals on through failures that say nothing of the secret, and one branch takes nobody's turn", async () => {
    await createCredential(ctx, { repository: repository.id, password: "wrong" });
    await pull();
    expect(await pull({}, { signal: AbortSignal.abort() })).toBe("stopped");
    expect((await row()).refusals).toBe(1);
    const { nextPullAt } = await row();
    await pull({ ref: "main" });
    expect(await row()).toMatchObject({ nextPullAt, refusals: 2 });
  });

  it("pauses where the stored secret does not open, and says so until it does or another one is there", async () => {
    const { id } = await createCredential(ctx, { repository: repository.id, password: "reads" });
    const where = { credentialId_version: { credentialId: id, version: 1 } };
    const { sealed } = await database.db.credentialSecret.findUniqueOrThrow({ where });
    const keep = (bytes: Uint8Array<ArrayBuffer>) =>
      database.db.credentialSecret.update({ where, data: { sealed: bytes } });
    await keep(sealed.map((byte, index) => (index === sealed.length - 1 ? byte ^ 1 : byte)));
    host.requests.length = 0;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await pull()).toBe("stopped");
      expect(await row()).toMatchObject({ refusals: attempt });
    }
    expect(host.requests).toEqual([]);
    expect((await sync()).runs[0]).toMatchObject({ outcome: "stopped", reason: "unreadable" });
    expect((await row()).pausedAt).toBeInstanceOf(Date);
    await database.db.repository.update({ where: { id: repository.id }, data: { nextPullAt: new Date(0) } });
    expect(await schedulePulls(ctx)).toBe(0);
    expect((await credentialRow(id)).unreadableAt).toBeInstanceOf(Date);
    const needing = await listAttention(ctx, { reason: "unreadable", page: 1, pageSize: 50 });
    expect(needing.map(({ name }) => name)).toEqual([repository.name]);

    await keep(sealed);
    expect(await pull()).toBe("succeeded");
    expect(await credentialRow(id)).toMatchObject({ unreadableAt: null });
    await keep(new Uint8Array(40));
    expect(await pull()).toBe("stopped");
    await rotateCredential(ctx, { id, password: "reads" });
    expect(await credentialRow(id)).toMatchObject({ unreadableAt: null });
    expect(await row()).toMatchObject({ refusals: 0 });
    expect(await pull()).toBe("succeeded");
  });

  it("ends after the mirror was maintained, so that no other pull of it runs meanwhile; its run has ended before", async () => {
    repository = await newRepository("open");
    const maintained: unknown[] = [];
    const maintain = async (folder: string) => {
      const { runs } = await sync();
      maintained.push([folder, runs[0]?.outcome]);
    };
    expect(await pull({}, { maintain })).toBe("succeeded");
    expect(maintained).toEqual([[mirrorFolder(tools.mirrors, repository.id), "succeeded"]]);
    repository = await newRepository("app");
    expect(await pull({}, { maintain })).toBe("needs_credential");
    expect(maintained).toHaveLength(1);
  });

  it("is over with its deadline, though the upstream goes on for ever", async () => {
    const upstream = { provider: "gitlab" as const, host: host.host, owner: "hostile", name: "drip" };
    repository = await makeRepository(database.db, acme, `drip-${counter}`, upstream);
    await createCredential(ctx, { repository: repository.id, password: "reads" });
    expect(await pull({}, { deadlineMs: 300 })).toBe("unreachable");
    expect((await sync()).runs[0]).toMatchObject({ outcome: "unreachable", reason: "time" });
  });

  it("ends its run where something of ours fails, and sweeps up after a git that was killed", async () => {
    repository = await newRepository("open");
    await pull();
    const folder = mirrorFolder(tools.mirrors, repository.id);
    const left = [
      "objects/pack/tmp_pack_x",
      "objects/pack/.tmp-7-pack-x.pack",
      "objects/pack/pack-x.keep",
      "packed-refs.lock",
      "refs/heads/main.lock",
    ];
    for (const name of left) writeFileSync(path.join(folder, name), "x");
    host.commit("team/open", "refs/heads/main");
    expect(await pull()).toBe("succeeded");
    expect(left.filter((name) => existsSync(path.join(folder, name)))).toEqual([]);
    const slots = organizationSlots(1);
    await expect(pull({}, { mirrors: "/dev/null/nowhere", slots })).rejects.toThrow();
    expect(slots.take(acme.id)).toBe(true);
    expect((await sync()).runs[0]).toMatchObject({ outcome: "stopped" });
  });

  it("sends no secret any more once it was removed or replaced", async () => {
    const { id } = await createCredential(ctx, { repository: repository.id, password: "reads" });
    const after = (change: () => Promise<unknown>) => {
      let changed = false;
      return startGateway(
        afterEachAnswer(async () => {
          if (changed) return;
          changed = true;
          await change();
          host.requests.length = 0;
        }),
      );
    };
    const rotating = await after(() => rotateCredential(ctx, { id, password: "reads-too" }));
    const before = host.sent.length;
    expect(await pull({}, { gateway: rotating })).toBe("succeeded");
    expect(host.sent.slice(before)).toEqual(["reads", "reads-too", "reads-too"]);
    repository = await newRepository("app");
    const second = await createCredential(ctx, { repository: repository.id, password: "reads" });
    const removing = await after(() => removeCredential(ctx, { id: second.id }));
    expect(await pull({}, { gateway: removing })).toBe("stopped");
    expect(host.requests).toEqual([]);
    await rotating.stop();
    await removing.stop();
  });

  it("keeps the last hundred runs", async () => {
    await database.db.syncRun.createMany({
      data: Array.from({ length: 120 }, (_, index) => ({
        id: `run_old_${counter}_${index}`,
        repositoryId: repository.id,
        requestedBy: "schedule",
        startedAt: new Date(1_700_000_000_000 + index * 1000),
        finishedAt: new Date(1_700_000_000_500 + index * 1000),
        outcome: "succeeded" as const,
      })),
    });
    await pull();
    expect(await database.db.syncRun.count({ where: { repositoryId: repository.id } })).toBe(100);
    expect((await sync()).runs[0]).toMatchObject({ outcome: "needs_credential" });
  });

  it("is stopped with the worker, and says so", async () => {
    await createCredential(ctx, { repository: repository.id, password: "reads" });
    const stopped = AbortSignal.abort();
    expect(await pull({}, { signal: stopped })).toBe("stopped");
    expect((await sync()).runs[0]).toMatchObject({ outcome: "stopped" });
  });

  it("finds nothing to do where the repository or its upstream is gone", async () => {
    await detachRepository(ctx, { repository: repository.id });
    expect(await pull()).toBeUndefined();
    await deleteRepository(ctx, { repository: repository.id });
    expect(await pull()).toBeUndefined();
  });
});

describe("the queue", () => {
  it("keeps what is asked for twice once, one pull of a repository at a time, and removes mirrors of the deleted", async () => {
    await createCredential(ctx, { repository: repository.id, password: "reads" });
    await requestPull(ctx, { repository: repository.name });
    await requestPull(ctx, { repository: repository.id });
    await requestPull(ctx, { repository: repository.id, ref: "main" });
    await deleteRepository(ctx, { repository: repository.id });
    let running = 0;
    const seen: string[] = [];
    const note =
      (name: string): Task =>
      async (payload) => {
        if ((payload as PullJob).repositoryId !== repository.id) return;
        running += 1;
        expect(running).toBe(1);
        await Promise.resolve();
        seen.push(`${name} ${(payload as PullJob).ref ?? "all"}`);
        running -= 1;
      };
    const pool = new pg.Pool({ connectionString: database.url });
    const client = await pool.connect();
    await runTaskListOnce({ logger: SILENT }, { pull: note("pull"), remove_mirror: note("remove") }, client);
    client.release();
    await pool.end();
    expect(seen).toEqual(["pull all", "pull main", "remove all"]);
  });

  it("is filled by the schedule with what is due, and by nobody else's", async () => {
    await chooseSchedule(ctx, { repository: repository.id, everyMinutes: 15 });
    expect(await schedulePulls(ctx)).toBe(0);
    const later = { ...ctx, clock: () => new Date(Date.now() + 17 * 60 * 1000) };
    expect(await schedulePulls(later)).toBe(1);
    expect(await schedulePulls(later)).toBe(0);
    await chooseSchedule(ctx, { repository: repository.id, everyMinutes: 0 });
    expect((await row()).nextPullAt).toBeNull();
  });

  it("keeps a slot for others: what an organization has too many of goes back into the queue", async () => {
    const slots = organizationSlots(1);
    expect(slots.take(acme.id)).toBe(true);
    expect(await pull({}, { slots })).toBe("postponed");
    const waiting = await database.db.$queryRaw<{ later: boolean }[]>`
      SELECT run_at > now() AS later FROM graphile_worker.jobs WHERE key = ${`pull:${repository.id}`}`;
    expect(waiting).toEqual([{ later: true }]);
    expect((await sync()).runs).toEqual([]);
    slots.giveBack(acme.id);
    expect(await pull({}, { slots })).toBe("needs_credential");
    expect(slots.take(acme.id)).toBe(true);
  });

  it("lets organizations take turns", async () => {
    const large = await makeOrganization(database.db, `large-${counter}`);
    const small = await makeOrganization(database.db, `small-${counter}`);
    const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
    const made: [MadeOrganization, string][] = [
      [large, "a"],
      [large, "b"],
      [large, "c"],
      [small, "d"],
    ];
    const names = new Map<string, string>();
    for (const [index, [organization, name]] of made.entries()) {
      const { id } = await makeRepository(database.db, organization, name, upstream);
      names.set(id, name);
      await database.db.repository.update({ where: { id }, data: { nextPullAt: new Date(1000 + index) } });
    }
    expect(await schedulePulls(ctx)).toBe(4);
    const jobs = await database.db.$queryRaw<{ key: string }[]>`
      SELECT key FROM graphile_worker.jobs WHERE task_identifier = 'pull' AND priority > 0 ORDER BY priority, run_at, id`;
    const order = jobs.map(({ key }) => names.get(key.slice("pull:".length))).filter(Boolean);
    expect(new Set(order.slice(0, 2))).toEqual(new Set(["d", order.find((name) => name !== "d")]));
    expect(order).toHaveLength(4);
  });

  it("takes a thousand pulls that an organization asked for, then says so, and the others' all the same", async () => {
    const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
    const busy = await makeOrganization(database.db, `busy-${counter}`);
    const asking = makeContext(database.db, memberActor(busy));
    const { id } = await makeRepository(database.db, busy, "app", upstream);
    const waiting = (number: number) => ({ repositoryId: id, ref: `b${number}`, requestedBy: "ada", byHand: true });
    const jobs = Array.from({ length: 999 }, (_, number) => ({
      organizationId: busy.id,
      job: waiting(number),
      turn: 0,
    }));
    await enqueuePulls(database.db, jobs);
    // What the schedule asked for is not counted.
    await enqueuePulls(database.db, [
      { organizationId: busy.id, job: { ...waiting(-1), byHand: false }, turn: 1 },
      { organizationId: busy.id, job: { ...waiting(-2), byHand: false }, turn: 1 },
    ]);
    await requestPull(asking, { repository: id });
    await expect(requestPull(asking, { repository: id, ref: "new" })).rejects.toMatchObject({
      code: "queue_full",
      details: { retryAfter: 60 },
    });
    // The same once more is one, and another organization has a queue of its own.
    await requestPull(asking, { repository: id });
    await requestPull(ctx, { repository: repository.id });
    // What a full slot puts off is still one that was asked for.
    await database.db.$executeRaw`DELETE FROM graphile_worker._private_jobs WHERE key = ${`pull:${id}:b0`}`;
    expect(await pullRepository(asking, { ...tools, slots: organizationSlots(0) }, waiting(0))).toBe("postponed");
    await expect(requestPull(asking, { repository: id, ref: "new" })).rejects.toMatchObject({ code: "queue_full" });
    await database.db.$executeRaw`DELETE FROM graphile_worker._private_jobs WHERE key LIKE ${`pull:${id}%`}`;
    await requestPull(asking, { repository: id, ref: "new" });
  });

  it("is a viewer's neither to fill nor to schedule, and a stranger finds nothing", async () => {
    const viewer = makeContext(database.db, memberActor(acme, { role: "viewer" }));
    await expect(requestPull(viewer, { repository: repository.id })).rejects.toMatchObject({ code: "forbidden" });
    const schedule = chooseSchedule(viewer, { repository: repository.id, everyMinutes: 0 });
    await expect(schedule).rejects.toMatchObject({ code: "forbidden" });
    const other = await makeOrganization(database.db, `other-${counter}`);
    const stranger = makeContext(database.db, memberActor(other));
    await expect(requestPull(stranger, { repository: repository.id })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a worker that died", () => {
  it("gives back what it held, and one that lives keeps it", async () => {
    await requestPull(ctx, { repository: repository.id });
    const held = async () => {
      const [job] = await database.db.$queryRaw<{ locked_by: string | null }[]>`
        SELECT locked_by FROM graphile_worker.jobs WHERE key = ${`pull:${repository.id}`}`;
      return job?.locked_by;
    };
    await database.db.$executeRaw`
      UPDATE graphile_worker._private_jobs SET locked_by = 'worker-1', locked_at = now() - interval '3 minutes'
      WHERE key = ${`pull:${repository.id}`}`;
    await renewLeases(ctx, ["worker-1"]);
    await releaseDeadWorkers(ctx);
    expect(await held()).toBe("worker-1");
    const later = { ...ctx, clock: () => new Date(Date.now() + 150_000) };
    await renewLeases(later, ["worker-2"]);
    await releaseDeadWorkers(later);
    expect(await held()).toBeNull();
  });
});

describe("a mirror of a repository that was deleted on another instance", () => {
  it("is removed here, where it was deleted since the last look or a little before; others stay", async () => {
    const [early, late, kept] = [
      await newRepository("early"),
      await newRepository("late"),
      await newRepository("kept"),
    ];
    const folderOf = ({ id }: { id: string }) => mirrorFolder(tools.mirrors, id);
    for (const { id } of [early, late, kept]) await pull({ repositoryId: id });
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await deleteRepository({ ...ctx, clock: () => minutesAgo(60) }, { repository: early.id });
    await deleteRepository({ ...ctx, clock: () => minutesAgo(10) }, { repository: late.id });
    const there = () => [early, late, kept].map((each) => existsSync(folderOf(each)));
    await removeDeletedMirrors(ctx, { mirrors: tools.mirrors, since: new Date() });
    expect(there()).toEqual([true, false, true]);
    await removeDeletedMirrors(ctx, { mirrors: tools.mirrors, since: null });
    expect(there()).toEqual([false, false, true]);
  });
});

describe("detaching", () => {
  it("erases the credential, is recorded once, and can be said twice", async () => {
    const { id } = await createCredential(ctx, { repository: repository.id, password: "reads" });
    await detachRepository(ctx, { repository: repository.id });
    await detachRepository(ctx, { repository: repository.id });
    expect(await database.db.credentialSecret.count({ where: { credentialId: id } })).toBe(0);
    await expect(rotateCredential(ctx, { id, password: "x" })).rejects.toMatchObject({ code: "not_found" });
    await expect(requestPull(ctx, { repository: repository.id })).rejects.toMatchObject({ code: "no_upstream" });
    const events = await database.db.auditEvent.findMany({
      where: { repositoryId: repository.id, action: "repository.detached" },
    });
    expect(events).toHaveLength(1);
  });
});
