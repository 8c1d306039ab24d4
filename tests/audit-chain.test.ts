import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { runTaskListOnce } from "graphile-worker";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AuditEvent } from "@/lib/domain/audit/audit-event";
import { checkChain } from "@/lib/domain/audit/check-chain";
import { exportAudit } from "@/lib/domain/audit/export-audit";
import { listAuditEvents } from "@/lib/domain/audit/list-audit-events";
import { readChainCheck } from "@/lib/domain/audit/read-chain-check";
import { recordAudit } from "@/lib/domain/audit/record-audit";
import { requestChainCheck, scheduleChainChecks } from "@/lib/domain/audit/request-chain-check";
import { verifyChain } from "@/lib/domain/audit/verify-chain";
import type { Context } from "@/lib/domain/context";
import { auditFile } from "@/lib/platform/audit-file";
import { SILENT } from "@/lib/platform/database/prepare-job-queue";
import { makeContext, makeOrganization, memberActor, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
let folder: string;
let organization: MadeOrganization;
let ctx: Context;
let counter = 0;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-audit-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  organization = await makeOrganization(database.db, `org-${(counter += 1)}`);
  ctx = makeContext(database.db, memberActor(organization, { email: '="odd", said\nAda' }));
});

const nth = (n: number): AuditEvent => ({
  action: "repository.created",
  targetId: `repo_${n}`,
  details: { name: `päyments, "${n}"`, provider: null, host: null },
});

async function record(count: number): Promise<void> {
  for (let first = 1; first <= count; first += 100) {
    await database.db.$transaction(async (tx) => {
      for (let n = first; n < first + 100 && n <= count; n += 1) await recordAudit(tx, ctx, nth(n));
    });
  }
}

const where = (seq: number) => ({ organizationId_seq: { organizationId: organization.id, seq: BigInt(seq) } });
const verified = () => verifyChain((statement) => database.db.$queryRaw(statement), organization.id);
const state = async () => (await verified()).broken;
const run = (file: string, args: string[], variables: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { PATH: process.env.PATH, NODE_ENV: "production" as const, ...variables };
    execFile(
      process.execPath,
      [...(file.endsWith(".ts") ? ["--import", "tsx"] : []), file, ...args],
      { env },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

describe("a chain", () => {
  it("is whole, also where it is longer than a batch and goes on meanwhile", async () => {
    expect(await verified()).toMatchObject({ events: 0, broken: null });
    await record(2_300);
    const [meanwhile] = await Promise.all([verified(), record(50)]);
    expect(meanwhile.broken).toBeNull();
    expect(meanwhile.events).toBeGreaterThanOrEqual(2_300);
    const { hash } = await database.db.auditChain.findUniqueOrThrow({ where: { organizationId: organization.id } });
    expect(await verified()).toEqual({
      events: 2_350,
      head: Buffer.from(hash).toString("hex"),
      broken: null,
    });
  });

  const data = (change: object) => (seq: number) => database.db.auditEvent.update({ where: where(seq), data: change });
  it.each([
    ["edited", 3, data({ payload: '{"id":"evt_x"}' })],
    ["edited", 3, data({ hash: new Uint8Array(32) })],
    ["unlinked", 3, data({ prevHash: new Uint8Array(32) })],
    ["misfiled", 3, data({ action: "repository.deleted" })],
    ["misfiled", 3, data({ actor: "somebody else" })],
    ["misfiled", 3, data({ repositoryId: null })],
    ["misfiled", 3, data({ at: new Date(0) })],
    ["missing", 3, (seq: number) => database.db.auditEvent.delete({ where: where(seq) })],
    ["missing", 1, (seq: number) => database.db.auditEvent.delete({ where: where(seq) })],
    ["added", 0, (seq: number) => database.db.auditEvent.update({ where: where(5), data: { seq } })],
    [
      "added",
      6,
      (seq: number) => database.db.$executeRaw`
      INSERT INTO audit_event SELECT organization_id, ${seq}::bigint, 'evt_added', at, action, actor_kind, actor,
        target_kind, target_id, repository_id, payload, prev_hash, hash
      FROM audit_event WHERE organization_id = ${organization.id} AND seq = 5`,
    ],
    ["cut", 5, (seq: number) => database.db.auditEvent.delete({ where: where(seq) })],
    ["cut", 1, () => database.db.auditEvent.deleteMany({ where: { organizationId: organization.id } })],
  ] as const)("that is %s at event %i says so", async (why, seq, tamper) => {
    await record(5);
    await tamper(seq);
    expect(await state()).toEqual({ seq, why });
  });

  it("that was made anew from one event on does not end as it was recorded", async () => {
    await record(4);
    const third = await database.db.auditEvent.findUniqueOrThrow({ where: where(3) });
    let previous = Buffer.from(third.prevHash);
    for (const seq of [3, 4]) {
      const { payload: before } = await database.db.auditEvent.findUniqueOrThrow({ where: where(seq) });
      const payload = before.replace("päyments", "forged");
      const hash = createHash("sha256").update(previous).update(`${seq}\n${payload}`).digest();
      await database.db.auditEvent.update({
        where: where(seq),
        data: { payload, prevHash: Uint8Array.from(previous), hash: Uint8Array.from(hash) },
      });
      previous = hash;
    }
    expect(await state()).toEqual({ seq: 4, why: "other_end" });
  });

  it("with a text that says nothing any more is still listed, by what it is filed under", async () => {
    await record(2);
    await database.db.auditEvent.update({ where: where(1), data: { payload: "nothing" } });
    await database.db.auditEvent.update({ where: where(2), data: { payload: '{"id":"evt_x"}' } });
    const { events } = await listAuditEvents(ctx, { limit: 2 });
    expect(events).toMatchObject([
      { seq: 2, action: "repository.created", target: { kind: "repository", id: "repo_2" }, details: {} },
      { seq: 1, action: "repository.created", actor: { kind: "member" }, details: {} },
    ]);
  });

  it("whose head is gone has no event that belongs to it", async () => {
    await record(2);
    await database.db.auditChain.delete({ where: { organizationId: organization.id } });
    expect(await state()).toEqual({ seq: 1, why: "added" });
  });
});

describe("where an event came from", () => {
  it("is the address of the request; nothing where none is behind it, and in events from before it was recorded", async () => {
    await record(1);
    const asked = ctx;
    ctx = { ...asked, address: null };
    await record(1);
    ctx = { ...asked, address: undefined } as unknown as Context;
    await record(1);
    const { events } = await listAuditEvents(ctx, { limit: 3 });
    expect(events.map(({ address }) => address)).toEqual([null, null, "192.0.2.7"]);
    const { payload } = await database.db.auditEvent.findUniqueOrThrow({ where: where(3) });
    expect(payload).not.toContain("address");
    expect(await state()).toBeNull();
  });
});

describe("the check", () => {
  it("is asked for once, done by the worker, and what it found is kept", async () => {
    await record(3);
    await database.db.auditEvent.update({ where: where(2), data: { actor: "nobody" } });
    expect(await readChainCheck(ctx)).toEqual({ checked: null, waiting: false });
    await requestChainCheck(ctx);
    await requestChainCheck(ctx);
    expect(await readChainCheck(ctx)).toEqual({ checked: null, waiting: true });
    const done = await work();
    expect(done).toEqual([organization.id]);
    const after = { ...ctx, clock: () => new Date(Date.now() + 1_000) };
    expect(await readChainCheck(after)).toMatchObject({
      checked: { events: 3, broken: { seq: 2, why: "misfiled" } },
      waiting: false,
    });
    const viewer = makeContext(database.db, memberActor(organization, { role: "viewer" }));
    await expect(requestChainCheck(viewer)).rejects.toMatchObject({ code: "forbidden" });
    await expect(readChainCheck(viewer)).rejects.toMatchObject({ code: "forbidden" });
  });

  /** What somebody can do who writes the database: the same number of events, or fewer, and all hashes as they must be. */
  async function makeAnew(count: number): Promise<void> {
    const { id: organizationId } = organization;
    await database.db.auditEvent.deleteMany({ where: { organizationId } });
    await database.db.auditChain.update({ where: { organizationId }, data: { seq: 0, hash: new Uint8Array(32) } });
    await record(count);
  }

  it.each([
    ["was cut, together with its head", 2, { seq: 3, why: "cut" }],
    ["was made anew", 3, { seq: 3, why: "remade" }],
    ["was made anew and goes on", 5, { seq: 3, why: "remade" }],
  ] as const)(
    "knows the end that it saw last: a chain that %s is not whole, however often it is asked",
    async (_, count, broken) => {
      await record(3);
      const { head } = await checkChain(ctx, organization.id);
      expect((await readChainCheck(ctx)).checked).toMatchObject({ events: 3, broken: null, head });
      await makeAnew(count);
      expect(await state()).toBeNull();
      for (let time = 0; time < 2; time += 1) {
        expect((await checkChain(ctx, organization.id)).broken).toEqual(broken);
        expect((await readChainCheck(ctx)).checked).toMatchObject({ broken, head: null });
      }
    },
  );

  it("knows the newest end only where all of the chain was whole", async () => {
    await record(3);
    await checkChain(ctx, organization.id);
    await record(2);
    const { actor } = await database.db.auditEvent.findUniqueOrThrow({ where: where(5) });
    await database.db.auditEvent.update({ where: where(5), data: { actor: "nobody" } });
    expect((await checkChain(ctx, organization.id)).broken).toEqual({ seq: 5, why: "misfiled" });
    await database.db.auditEvent.update({ where: where(5), data: { actor } });
    const { head } = await checkChain(ctx, organization.id);
    expect((await readChainCheck(ctx)).checked).toMatchObject({ events: 5, broken: null, head });
    await makeAnew(4);
    expect((await checkChain(ctx, organization.id)).broken).toEqual({ seq: 5, why: "cut" });
  });

  it("is done once a day for every organization", async () => {
    await work();
    await scheduleChainChecks(ctx);
    expect(await work()).toContain(organization.id);
    await scheduleChainChecks(ctx);
    expect(await work()).toEqual([]);
    const tomorrow = { ...ctx, clock: () => new Date(Date.now() + 25 * 60 * 60 * 1000) };
    await scheduleChainChecks(tomorrow);
    await scheduleChainChecks(tomorrow);
    expect((await work()).filter((id) => id === organization.id)).toHaveLength(1);
  });
});

/** The worker's part; answers the organizations that were checked. */
async function work(): Promise<string[]> {
  const checked: string[] = [];
  const pool = new pg.Pool({ connectionString: database.url });
  const client = await pool.connect();
  await runTaskListOnce(
    { logger: SILENT },
    {
      check_audit: async (payload) => {
        const { organizationId } = payload as { organizationId: string };
        await checkChain(ctx, organizationId);
        checked.push(organizationId);
      },
    },
    client,
  );
  client.release();
  await pool.end();
  return checked;
}

describe("npm run audit:verify", () => {
  const verify = (...args: string[]) => run("scripts/audit-verify.ts", args, { DATABASE_URL: database.url });

  it("tells whole chains from broken ones, one or all, in words and by its exit code", async () => {
    await record(3);
    const whole = organization;
    organization = await makeOrganization(database.db, "broken-one");
    ctx = makeContext(database.db, memberActor(organization));
    await record(4);
    await database.db.auditEvent.delete({ where: where(2) });
    const one = await verify(whole.slug);
    expect(one).toMatchObject({ code: 0, stderr: "" });
    const { hash } = await database.db.auditChain.findUniqueOrThrow({ where: { organizationId: whole.id } });
    expect(one.stdout).toBe(
      `${whole.slug}: 3 events, whole, ends with ${Buffer.from(hash).toString("hex")}\n1 verified, 0 broken\n`,
    );
    const all = await verify();
    expect(all.code).toBe(1);
    expect(all.stdout).toContain("broken-one: 4 events, BROKEN at event 2. Event 2 is missing.\n");
    expect(all.stdout).toMatch(/\d+ verified, \d+ broken\n$/);
    expect((await readChainCheck(ctx)).checked?.broken).toEqual({ seq: 2, why: "missing" });
    expect(await verify("nobody")).toMatchObject({ code: 2, stderr: 'There is no organization "nobody".\n' });
    expect((await verify("--help")).code).toBe(2);
  });
});

describe("an export, checked by docs/verify-audit.mjs", () => {
  async function exported(format: "jsonl" | "csv", filter = {}): Promise<string> {
    return auditFile(await exportAudit(ctx, { format, ...filter }), format, "audit").text();
  }

  async function verify(text: string, format: "jsonl" | "csv", ...known: string[]) {
    const file = path.join(folder, `audit.${format}`);
    writeFileSync(file, text);
    return run("docs/verify-audit.mjs", [file, ...known]);
  }

  it.each(["jsonl", "csv"] as const)("is whole as %s, and every change of it shows", async (format) => {
    await record(4);
    const text = await exported(format);
    const whole = await verify(text, format);
    const { hash } = await database.db.auditChain.findUniqueOrThrow({ where: { organizationId: organization.id } });
    expect(whole).toMatchObject({ code: 0, stderr: "" });
    expect(whole.stdout).toBe(`whole: 5 events, ends with ${Buffer.from(hash).toString("hex")}\n`);
    // Payloads hold no line end, so an event is where its id is.
    const event = (n: number) => new RegExp(`.*repo_${n}\\b.*\\n`);
    const lines = text.split("\n");
    const broken = [
      ["edited", text.replaceAll("repo_2", "repo_9"), "event 2 is not what was recorded"],
      ["without its second event", text.replace(event(2), ""), "event 2 is missing"],
      ["without its end", text.slice(0, text.indexOf(lines.at(-2)!)), "the end is missing after event 4"],
    ] as const;
    if (format === "jsonl") {
      for (const [what, changed, sentence] of broken) {
        expect(changed, what).not.toBe(text);
        expect(await verify(changed, format), what).toMatchObject({
          code: 1,
          stdout: expect.stringContaining(`BROKEN: ${sentence}`) as string,
        });
      }
    } else {
      const [what, changed, sentence] = broken[0];
      expect((await verify(changed, format)).stdout, what).toContain(sentence);
    }
  });

  it("is not whole where the columns that people read say something else than was hashed", async () => {
    await record(2);
    const text = await exported("csv");
    const changes = [
      [/repo_2(?=,test-request)/, "repo_9", 'event 2 shows another "target_id"'],
      ["192.0.2.7", "192.0.2.8", 'event 1 shows another "address"'],
      ["member", "system", 'event 1 shows another "actor_kind"'],
      [/(?<=evt_.*\n2,)20/, "19", 'event 2 shows another "at"'],
      ["action,actor_kind", "actor_kind,action", 'event 1 shows another "actor_kind"'],
      ["test-request,", 'test-request"x",', "odd line"],
    ] as const;
    for (const [before, after, sentence] of changes) {
      const changed = text.replace(before, after);
      expect(changed, sentence).not.toBe(text);
      expect(await verify(changed, "csv"), sentence).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(`BROKEN: ${sentence}`) as string,
      });
    }
    const lines = (await exported("jsonl")).replace('{"seq":1,', '{"seq":1,"actor":"nobody",');
    expect((await verify(lines, "jsonl")).stdout).toContain("holds more than was exported");
  });

  it("is not whole where an end that is known from elsewhere is not in it", async () => {
    await record(2);
    const earlier = await verify(await exported("jsonl"), "jsonl");
    const end = /ends with (\w+)/.exec(earlier.stdout)![1]!;
    await record(1);
    const later = await exported("jsonl");
    expect(await verify(later, "jsonl", end)).toMatchObject({ code: 0 });
    const cut = later.split("\n").slice(0, 3).join("\n");
    expect(await verify(cut, "jsonl", end)).toMatchObject({ code: 0 });
    const remade = await verify(later, "jsonl", "f".repeat(64));
    expect(remade).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("was cut before it, or made anew") as string,
    });
    const latest = /ends with (\w+)/.exec((await verify(later, "jsonl")).stdout)![1]!;
    expect(await verify(cut, "jsonl", latest)).toMatchObject({ code: 1 });
  });

  it("says in its own record which filter it was made with", async () => {
    await record(1);
    const filter = { action: "repository.created", actor: ctx.actor.kind } as const;
    await exported("jsonl", filter);
    await exported("csv");
    const { events } = await listAuditEvents(ctx, { limit: 2 });
    expect(events.map(({ details }) => details)).toEqual([
      { format: "csv", action: null, actor: null },
      { format: "jsonl", ...filter },
    ]);
  });

  it("with a filter, it is known to leave events out", async () => {
    await record(2);
    const { code, stdout } = await verify(await exported("jsonl", { action: "audit.exported" }), "jsonl");
    expect(code).toBe(1);
    expect(stdout).toContain("event 1 is missing; an export with a filter leaves some out");
  });

  it("that was begun while events go on ends with its own record all the same", async () => {
    await record(2);
    const events = await exportAudit(ctx, { format: "jsonl" });
    await record(3);
    expect((await verify(await auditFile(events, "jsonl", "audit").text(), "jsonl")).stdout).toContain(
      "whole: 3 events",
    );
  });
});
