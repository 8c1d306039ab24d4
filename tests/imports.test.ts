import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { importItemSentence, MAX_IMPORT_LINES } from "@/lib/contract/imports";
import type { Context } from "@/lib/domain/context";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { cancelImport } from "@/lib/domain/imports/cancel-import";
import { eraseForgottenImports } from "@/lib/domain/imports/erase-waiting";
import { importHere } from "@/lib/domain/imports/import-here";
import { parseLines } from "@/lib/domain/imports/parse-lines";
import { prepareImport } from "@/lib/domain/imports/prepare-import";
import { listImports, readImport } from "@/lib/domain/imports/read-import";
import { runImport } from "@/lib/domain/imports/run-import";
import { MOST_OPEN_IMPORTS, startImport } from "@/lib/domain/imports/start-import";
import { createRepository } from "@/lib/domain/repositories/create-repository";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";
import { Steps, steppingDatabase } from "./support/steps";
import { stoppingAt } from "./support/stopping-at";
import { startWitness } from "./support/witness";

const database = useDatabase();
const { signal } = new AbortController();
const GOOD = "good-secret-of-the-test";
let host: GitHost;
let acme: MadeOrganization;
let ctx: Context;
let counter = 0;

beforeAll(async () => {
  host = await startGitHost("GitLab");
  host.addRepository("team/app");
  host.addRepository("team/site");
  host.tokens.set(GOOD, "write");
  const egress = createEgressPolicy([host.host]);
  const upstream = createUpstreamClient(egress, readFileSync(host.caFile, "utf8"));
  ctx = makeContext(database.db, memberActor({ id: "", slug: "" }), { egress, upstream });
});

afterAll(() => host.stop());

beforeEach(async () => {
  acme = await makeOrganization(database.db, `acme-${(counter += 1)}`);
  ctx = { ...ctx, actor: memberActor(acme) };
});

const url = (name: string) => `https://${host.host}/team/${name}.git`;
const prepare = (lines: string[], as = ctx) => prepareImport(as, { text: lines.join("\n"), provider: "gitlab" });
const read = (id: string) => readImport(ctx, { id, page: 1, pageSize: 2_000 });
const states = async (id: string) =>
  Object.fromEntries((await read(id)).items.map(({ line, state, code }) => [line, code ? `${state}: ${code}` : state]));
const sealed = (importId: string) => database.db.importItem.count({ where: { importId, sealed: { not: null } } });
const run = (id: string) => runImport(ctx, { importId: id }, signal);

async function imported(lines: string[]): Promise<string> {
  const { id } = await prepare(lines);
  await startImport(ctx, { id });
  expect(await run(id)).toBe("finished");
  return id;
}

async function stored(name: string) {
  const repository = await database.db.repository.findFirstOrThrow({
    where: { organizationId: acme.id, liveName: name },
    include: { credential: true, upstream: true },
  });
  const { credential } = repository;
  const secret = credential && (await withOpenSecret(ctx, await findCredential(ctx, credential.id), (held) => held));
  return { repository, credential, secret };
}

const actions = async () =>
  (await database.db.auditEvent.findMany({ where: { organizationId: acme.id }, orderBy: { seq: "asc" } })).map(
    ({ action, payload }) => ({ action, details: (JSON.parse(payload) as { details: object }).details }),
  );

/** What others do just before a verb's first step of a name. */
class Meanwhile extends Steps {
  constructor(
    readonly before: string,
    readonly happens: () => Promise<void>,
  ) {
    super(0);
  }

  override async pass(name: string): Promise<void> {
    const first = name === this.before && !this.names.includes(name);
    await super.pass(name);
    if (first) await this.happens();
  }
}

async function remake(as: Context, elsewhere: string): Promise<void> {
  await deleteRepository(as, { repository: "app" });
  const upstream = { provider: "gitlab" as const, host: elsewhere, owner: "team", name: "app" };
  await createRepository(as, { name: "app", defaultBranch: "main", upstream });
}

async function move(_as: Context, elsewhere: string): Promise<void> {
  await database.db.upstream.updateMany({ where: { repository: { liveName: "app" } }, data: { host: elsewhere } });
}

describe("the lines that are sent", () => {
  const values = (text: string) => parseLines(text).map((line) => line.values);

  it("are CSV as spreadsheets and people write it, with or without a head", () => {
    expect(values("https://a.b/c/d, bot , se cret\n")).toEqual([["https://a.b/c/d", "bot", "se cret"]]);
    expect(values("\ufeffClone URL,Username,Secret\r\n\r\nhttps://a.b/c/d,bot,x\n,,\n")).toEqual([
      ["https://a.b/c/d", "bot", "x"],
    ]);
    expect(values('url;user;secret\nhttps://a.b/c/d;bot;"x;y, ""z"" "')).toEqual([
      ["https://a.b/c/d", "bot", 'x;y, "z" '],
    ]);
    expect(values('https://a.b/c/d\tbot\tx"y,z\thome/d')).toEqual([["https://a.b/c/d", "bot", 'x"y,z', "home/d"]]);
    expect(values('"https://a.b/c/d","bot","x"\rgit@a.b:c/e.git')).toEqual([
      ["https://a.b/c/d", "bot", "x"],
      ["git@a.b:c/e.git"],
    ]);
  });

  it("keep their numbers, which tell them apart", () => {
    const text = "url,user,secret\n\nhttps://a.b/c/d,bot,x\n\nhttps://a.b/c/e,bot,x";
    expect(parseLines(text).map(({ line }) => line)).toEqual([3, 5]);
  });

  it.each([
    ["", "Paste at least one line"],
    ["url,username,secret\n", "Paste at least one line"],
    ['https://a.b/c/d,bot,"s3cr3t\n', "Line 1 has a quotation mark without its other half"],
    ['https://a.b/c/d,bot,"s3cr3t"s3cr3t\n', "Line 1 has a quotation mark without its other half"],
    [`https://a.b/c/d,bot,${"s3cr3t".repeat(4_000)}\n`, "is too long"],
    ["https://a.b/c/d,bot,s3cr3t\n".repeat(MAX_IMPORT_LINES + 1), "1001 lines, and one import takes 1000"],
    ["s3cr3t\n".repeat(100_000), "more than one import takes (512 KiB)"],
  ])("are refused whole where they cannot be told apart, in words without them (%#)", (text, message) => {
    const refused = expect(() => parseLines(text));
    refused.toThrow(message);
    expect(() => parseLines(text)).not.toThrow("s3cr3t");
  });
});

describe("a preview", () => {
  it("says of each line what is to come of it, and why some cannot be imported", async () => {
    const here = { provider: "gitlab" as const, host: host.host, owner: "Team", name: "App" };
    await makeRepository(database.db, acme, "known", here);
    await makeRepository(database.db, acme, "taken");
    const token = "glpat-abcdefghij0123456789";
    const { id } = await prepare([
      `${url("app")},bot,${GOOD}`,
      `${url("site")},,${GOOD},web/site`,
      `${url("site")},,${GOOD},web/site`,
      `${url("other")},,${GOOD},web/site`,
      `${url("other")},,${GOOD},taken`,
      `https://oauth2:${GOOD}@${host.host}/team/inline.git`,
      `https://oauth2:${GOOD}@${host.host}/team/inline.git,bot,x`,
      "hello,bot,x",
      `${GOOD},${url("app")},bot`,
      `${url("n")},bot,a,b,c`,
      `${url("n")},bot,a,sp ace`,
      `${url("n")},bot,a,${token}`,
      `${url("n")},${token},bot`,
      `${url("n")},b:ot,a`,
      `${url("n")},bot,"a\u0007b"`,
      `${url("n")},bot`,
      `${url("n")},bot,ghp_abcdefghij0123456789`,
      "https://github.com/acme/app,bot,x",
      "https://github.com/acme/app",
      "https://127.0.0.1/acme/app,bot,x",
      "https://code.example.com/acme/tool,bot,x",
    ]);
    expect(await states(id)).toEqual({
      1: "waiting",
      2: "waiting",
      3: "unusable: doubled",
      4: "unusable: name_doubled",
      5: "unusable: name_taken",
      6: "waiting",
      7: "unusable: two_sign_ins",
      8: "unusable: address",
      9: "unusable: address",
      10: "unusable: values",
      11: "unusable: name",
      12: "unusable: order",
      13: "unusable: order",
      14: "unusable: username",
      15: "unusable: secret",
      16: "unusable: no_secret",
      17: "unusable: wrong_secret",
      18: "unusable: github_secret",
      19: "waiting",
      20: "unusable: denied",
      21: "waiting",
    });
    const { items, startedAt } = await read(id);
    expect(startedAt).toBeNull();
    expect(items.find(({ line }) => line === 1)).toMatchObject({ repositoryName: "known", repositoryExists: true });
    expect(items.find(({ line }) => line === 9)).toMatchObject({ repositoryName: null, upstream: null });
    for (const item of items) expect(importItemSentence(item)).toMatch(/\.$/);
    const kept = JSON.stringify([items, await database.db.importItem.findMany({ where: { importId: id } })]);
    for (const secret of [GOOD, token, Buffer.from(GOOD).toString("hex")]) expect(kept).not.toContain(secret);
    expect(await sealed(id)).toBe(4);
    expect(await database.db.repository.count({ where: { organizationId: acme.id } })).toBe(2);
  });

  it("wants to be told what runs on a host whose name does not tell it", async () => {
    const { id } = await prepareImport(ctx, { text: `${url("app")},bot,${GOOD}`, provider: null });
    expect(await states(id)).toEqual({ 1: "unusable: provider" });
  });

  it("takes the place of the one before it, and is forgotten after an hour", async () => {
    const first = await prepare([`${url("app")},bot,${GOOD}`]);
    const second = await prepare([`${url("app")},bot,${GOOD}`]);
    expect((await listImports(ctx, { limit: 10 })).map(({ id }) => id)).toEqual([second.id]);
    await expect(startImport(ctx, first)).rejects.toMatchObject({ code: "not_found" });
    const inMinutes = (minutes: number) => ({ ...ctx, clock: () => new Date(Date.now() + minutes * 60_000) });
    await eraseForgottenImports(inMinutes(59));
    expect(await sealed(second.id)).toBe(1);
    await eraseForgottenImports(inMinutes(61));
    expect(await sealed(second.id)).toBe(0);
    expect(await states(second.id)).toEqual({ 1: "cancelled" });
    expect((await actions()).map(({ action }) => action)).toEqual([
      "import.prepared",
      "import.cancelled",
      "import.prepared",
      "import.cancelled",
    ]);
    await expect(startImport(ctx, second)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("an import", () => {
  it("creates what is missing, tests each credential, and says what came of each line", async () => {
    await makeRepository(database.db, acme, "site", {
      provider: "gitlab",
      host: host.host,
      owner: "team",
      name: "site",
    });
    const lines = [
      `${url("app")},bot,${GOOD}`,
      `${url("app")},bot,wrong-secret,refused`,
      `${url("site")},,${GOOD}`,
      `${url("bare")},,`,
    ];
    const id = await imported(lines);
    const { items, counts } = await read(id);
    expect(counts).toMatchObject({ imported: 3, without_credential: 1, failed: 0, waiting: 0 });
    const sentences = Object.fromEntries(items.map((item) => [item.line, importItemSentence(item)]));
    expect(sentences).toMatchObject({
      1: "Created. The credential is stored. Reads and writes.",
      2: expect.stringMatching(/refused this secret \(401\).* kept without a credential/) as string,
      3: "The repository was there. The credential is stored. Reads and writes.",
      4: "Created. No credential was given.",
    });
    expect((await stored("app")).secret).toEqual({ username: "bot", password: GOOD });
    expect((await stored("app")).credential).toMatchObject({ testOutcome: "reads_and_writes" });
    expect((await stored("site")).secret).toEqual({ username: null, password: GOOD });
    expect((await stored("refused")).credential).toBeNull();
    expect((await stored("bare")).repository.upstream).toMatchObject({ provider: "gitlab", name: "bare" });
    expect(await sealed(id)).toBe(0);
    const told = await actions();
    expect(told.slice(0, 2)).toEqual([
      { action: "import.prepared", details: { lines: 4 } },
      { action: "import.started", details: { lines: 4 } },
    ]);
    expect(told.at(-1)).toEqual({
      action: "import.finished",
      details: { imported: 3, there: 0, without_credential: 1, failed: 0, cancelled: 0 },
    });
    const made = told.map(({ action }) => action);
    expect(made.filter((action) => action === "repository.created")).toHaveLength(3);
    expect(made.filter((action) => action === "credential.created")).toHaveLength(2);
    expect(JSON.stringify(told)).not.toContain(GOOD);
  });

  it("changes nothing when it is done again, and gives a repository without a credential the one that it lacks", async () => {
    await imported([`${url("app")},bot,${GOOD}`, `${url("site")},bot,wrong-secret`]);
    const before = await stored("app");
    const asked = host.requests.length;
    const again = await prepare([`${url("app")},bot,another`, `${url("site")},bot,${GOOD}`]);
    expect(await states(again.id)).toEqual({ 1: "there", 2: "waiting" });
    await startImport(ctx, again);
    expect(host.requests).toHaveLength(asked);
    await run(again.id);
    expect(await states(again.id)).toEqual({ 1: "there", 2: "imported" });
    const { credential, secret } = await stored("app");
    expect({ credential, secret }).toEqual({ credential: before.credential, secret: before.secret });
    expect((await stored("site")).secret?.password).toBe(GOOD);
  });

  it("finds what others made between the preview and its turn", async () => {
    const { id } = await prepare([`${url("site")},bot,${GOOD}`, `${url("app")},bot,${GOOD},elsewhere`]);
    await makeRepository(database.db, acme, "site");
    const grace = { ...ctx, actor: memberActor(acme, { email: "grace@example.com" }) };
    const theirs = { text: `${url("app")},bot,${GOOD},elsewhere`, provider: "gitlab" as const };
    await importHere(grace, theirs, { tell: () => undefined, signal });
    await startImport(ctx, { id });
    await run(id);
    expect(await states(id)).toEqual({ 1: "failed: repository_exists", 2: "there" });
    expect((await stored("elsewhere")).credential).toMatchObject({ addedBy: "grace@example.com" });
  });

  it("goes on where it was stopped, and makes nothing twice", async () => {
    const lines = Array.from({ length: 12 }, (_, n) => `${url("app")},bot,${GOOD},r-${n}`);
    const { id } = await prepare(lines);
    const asSent = await database.db.importItem.findMany({ where: { importId: id } });
    await startImport(ctx, { id });
    const { stopped, signal: stopping } = stoppingAt(ctx, 12);
    expect(await runImport(stopped, { importId: id }, stopping)).toBe("stopped");
    expect((await read(id)).counts.waiting).toBeGreaterThan(0);
    expect((await read(id)).finishedAt).toBeNull();
    // As a process leaves it that is killed after it made what a line asks for, and before that is noted.
    const { line } = (await read(id)).items.find(({ state }) => state === "imported")!;
    const { masterKeyId, sealed: secret } = asSent.find((item) => item.line === line)!;
    await database.db.importItem.updateMany({
      where: { importId: id, line },
      data: { state: "waiting", outcome: null, at: null, masterKeyId, sealed: secret },
    });
    expect(await run(id)).toBe("finished");
    expect((await read(id)).counts).toMatchObject({ imported: 11, there: 1, waiting: 0 });
    expect(await sealed(id)).toBe(0);
    expect(await run(id)).toBe("finished");
    expect(await database.db.gitCredential.count({ where: { repository: { organizationId: acme.id } } })).toBe(12);
    expect((await actions()).filter(({ action }) => action === "import.finished")).toHaveLength(1);
  });

  it("ends when it is cancelled, begun or not, and the secrets of what waits are erased", async () => {
    const waiting = await prepare([`${url("app")},bot,${GOOD}`]);
    await cancelImport(ctx, waiting);
    expect(await states(waiting.id)).toEqual({ 1: "cancelled" });
    expect((await read(waiting.id)).finishedAt).not.toBeNull();
    await expect(startImport(ctx, waiting)).rejects.toMatchObject({ code: "not_found" });
    const begun = await prepare([`${url("app")},bot,${GOOD}`]);
    await startImport(ctx, begun);
    await cancelImport(ctx, begun);
    expect(await sealed(begun.id)).toBe(0);
    expect(await run(begun.id)).toBe("finished");
    expect(await states(begun.id)).toEqual({ 1: "cancelled" });
    expect((await actions()).map(({ action }) => action)).toEqual([
      "import.prepared",
      "import.cancelled",
      "import.prepared",
      "import.started",
      "import.cancelled",
      "import.finished",
    ]);
    expect(await database.db.repository.count({ where: { organizationId: acme.id } })).toBe(0);
    await expect(cancelImport(ctx, begun)).rejects.toMatchObject({ code: "not_found" });
  });

  it("does not stop at a line whose secret does not open", async () => {
    const { id } = await prepare([`${url("app")},bot,${GOOD}`, `${url("site")},bot,${GOOD}`]);
    await database.db.importItem.updateMany({ where: { importId: id, line: 1 }, data: { sealed: Buffer.alloc(600) } });
    await startImport(ctx, { id });
    await run(id);
    expect(await states(id)).toEqual({ 1: "failed: credential_unreadable", 2: "imported" });
    expect(await actions()).toContainEqual({ action: "import.unreadable", details: { line: 1, host: host.host } });
  });

  it.each([
    ["somebody made anew on another host", "failed: not_found", remake],
    ["was moved to another host in the database", "failed: conflict", move],
  ])("sends no secret to a repository of the name that %s a moment ago", async (_what, ended, interfere) => {
    const elsewhere = await startWitness("127.0.0.1");
    const egress = createEgressPolicy([host.host, elsewhere.host]);
    const upstream = createUpstreamClient(egress, readFileSync(host.caFile, "utf8"));
    const meanwhile = new Meanwhile("read repository", () => interfere({ ...ctx, egress }, elsewhere.host));
    const db = steppingDatabase(database.url, meanwhile);
    const { id } = await prepare([`${url("app")},bot,${GOOD}`]);
    await startImport(ctx, { id });
    await runImport({ ...ctx, db, egress, upstream }, { importId: id }, signal);
    expect((await stored("app")).repository.upstream).toMatchObject({ host: elsewhere.host });
    expect(elsewhere.heard).toEqual([]);
    expect(await states(id)).toEqual({ 1: ended });
    await db.$disconnect();
    await elsewhere.stop();
  });

  it("is nobody else's to see, begin or cancel, and not for viewers", async () => {
    const { id } = await prepare([`${url("app")},bot,${GOOD}`]);
    const stranger = { ...ctx, actor: memberActor(await makeOrganization(database.db, `other-${counter}`)) };
    const viewer = { ...ctx, actor: memberActor(acme, { role: "viewer" }) };
    for (const [who, code] of [
      [stranger, "not_found"],
      [viewer, "forbidden"],
    ] as const) {
      await expect(readImport(who, { id, page: 1, pageSize: 10 })).rejects.toMatchObject({ code });
      await expect(startImport(who, { id })).rejects.toMatchObject({ code });
      await expect(cancelImport(who, { id })).rejects.toMatchObject({ code });
    }
    expect(await listImports(stranger, { limit: 10 })).toEqual([]);
    await expect(prepare([`${url("app")},bot,x`], viewer)).rejects.toMatchObject({ code: "forbidden" });
    await makeRepository(database.db, acme, "ours", { provider: "gitlab", host: host.host, owner: "team", name: "x" });
    const theirs = await prepareImport(stranger, { text: `${url("x")},bot,x`, provider: "gitlab" });
    const seen = await readImport(stranger, { ...theirs, page: 1, pageSize: 10 });
    expect(seen.items).toMatchObject([{ repositoryName: "x", repositoryExists: false }]);
  });

  it("is done whole by an operator's command, which keeps nothing of it", async () => {
    const text = [`${url("app")},bot,${GOOD}`, "nonsense", `${url("site")},bot,wrong-secret`].join("\n");
    const told: string[] = [];
    const tell = ({ line, state }: { line: number; state: string }) => told.push(`${line} ${state}`);
    const counts = await importHere(ctx, { text, provider: "gitlab" }, { tell, signal });
    expect(counts).toEqual({ unusable: 1, imported: 1, without_credential: 1 });
    expect(told.sort()).toEqual(["1 imported", "2 unusable", "3 without_credential"]);
    expect(await listImports(ctx, { limit: 10 })).toEqual([]);
    expect((await stored("app")).secret?.password).toBe(GOOD);
    const aborted = AbortSignal.abort();
    const again = await importHere(
      ctx,
      { text: `${text}\n${url("x")}`, provider: "gitlab" },
      { tell, signal: aborted },
    );
    expect(again).toEqual({ there: 1, unusable: 1, cancelled: 2 });
    expect((await actions()).at(-1)).toMatchObject({ action: "import.finished", details: { there: 1, cancelled: 2 } });
  });
});

it("an import waits for another to end where an organization has begun many, and can be begun then", async () => {
  const { id } = await prepare([url("app")]);
  const begun = { organizationId: acme.id, requestedBy: "grace", createdAt: new Date(), startedAt: new Date() };
  const rows = Array.from({ length: MOST_OPEN_IMPORTS }, (_, n) => ({ ...begun, id: `imp_${counter}_${n}` }));
  await database.db.repositoryImport.createMany({ data: rows });
  await expect(startImport(ctx, { id })).rejects.toMatchObject({ code: "queue_full" });
  expect((await read(id)).startedAt).toBeNull();
  await database.db.repositoryImport.update({ where: { id: rows[0]!.id }, data: { finishedAt: new Date() } });
  await startImport(ctx, { id });
  expect(await run(id)).toBe("finished");
});
