import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { testCredential } from "@/lib/domain/credentials/test-credential";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { inTestLine, MOST_TESTS_AT_ONCE, MOST_TESTS_WAITING } from "@/lib/domain/upstream/test-line";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";

const database = useDatabase();
let host: GitHost;
let acme: MadeOrganization;
let ctx: Context;
let counter = 0;

beforeAll(async () => {
  host = await startGitHost("GitLab");
  host.addRepository("team/app");
  host.tokens.set("writes", "write").set("reads", "read");
  acme = await makeOrganization(database.db, "acme");
  ctx = context();
});

afterAll(() => host.stop());

function context(overrides: Partial<Context> = {}): Context {
  const upstream = createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8"));
  return makeContext(database.db, memberActor(acme), { upstream, ...overrides });
}

function newRepository() {
  return makeRepository(database.db, acme, `app-${(counter += 1)}`, {
    provider: "gitlab",
    host: host.host,
    owner: "team",
    name: "app",
  });
}

const row = (id: string) => database.db.gitCredential.findUniqueOrThrow({ where: { id } });
const events = (repositoryId: string) =>
  database.db.auditEvent.findMany({ where: { repositoryId }, orderBy: { seq: "asc" }, select: { payload: true } });
const outcomes = async (repositoryId: string) =>
  (await events(repositoryId)).map(({ payload }) => {
    const { action, details } = JSON.parse(payload) as { action: string; details: Record<string, unknown> };
    return [action, details.test ?? details.outcome];
  });
const stored = async (id: string) => withOpenSecret(ctx, await findCredential(ctx, id), ({ password }) => password);

describe("a secret that is tested before it is saved", () => {
  it("is saved with what the host said", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "writes", test: "required" });
    expect(await row(id)).toMatchObject({
      testOutcome: "reads_and_writes",
      hostSays: "gitlab",
      expiresAt: new Date(`${host.tokensEnd}T00:00:00Z`),
      tokenScopes: ["read_repository", "write_repository"],
    });
    expect(await outcomes(repository)).toEqual([["credential.created", "reads_and_writes"]]);
  });

  it("is not saved where the host refuses it, which is recorded", async () => {
    const { id: repository } = await newRepository();
    const create = createCredential(ctx, { repository, password: "wrong", test: "required" });
    await expect(create).rejects.toMatchObject({ code: "credential_refused", details: { outcome: "rejected" } });
    expect(await database.db.gitCredential.count({ where: { repositoryId: repository } })).toBe(0);
    expect(await outcomes(repository)).toEqual([["credential.refused", "rejected"]]);
  });

  it("is not even sent where there is a credential already", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "writes" });
    host.requests.length = 0;
    const second = createCredential(ctx, { repository, password: "reads", test: "required" });
    await expect(second).rejects.toMatchObject({ code: "credential_exists", details: { id } });
    expect(host.requests).toEqual([]);
  });

  it("leaves the old one in use where a rotation is refused", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "writes", test: "required" });
    const rotation = rotateCredential(ctx, { id, password: "wrong", test: "required" });
    await expect(rotation).rejects.toMatchObject({ code: "credential_refused" });
    expect(await stored(id)).toBe("writes");
    expect(await row(id)).toMatchObject({ currentVersion: 1, testOutcome: "reads_and_writes" });
    host.tokens.set("writes-too", "write");
    await rotateCredential(ctx, { id, password: "writes-too", test: "required" });
    expect(await stored(id)).toBe("writes-too");
    expect(await row(id)).toMatchObject({ currentVersion: 3, testOutcome: "reads_and_writes" });
  });

  it("is saved untested where that was chosen, and the log says so", async () => {
    const { id: repository } = await newRepository();
    host.requests.length = 0;
    const { id } = await createCredential(ctx, { repository, password: "wrong", test: "skipped" });
    await rotateCredential(ctx, { id, password: "wrong too" });
    expect(host.requests).toEqual([]);
    expect(await row(id)).toMatchObject({ testOutcome: null, testedAt: null });
    expect(await outcomes(repository)).toEqual([
      ["credential.created", "skipped"],
      ["credential.rotated", "none"],
    ]);
  });
});

describe("the stored secret, tested", () => {
  it("has its result kept, and forgotten with the next change", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "reads" });
    const now = new Date("2026-11-23T12:00:00Z");
    expect(await testCredential(context({ clock: () => now }), { id })).toMatchObject({ outcome: "reads_only" });
    expect(await row(id)).toMatchObject({ testOutcome: "reads_only", testedAt: now });
    await rotateCredential(ctx, { id, password: "writes" });
    expect(await row(id)).toMatchObject({
      testOutcome: null,
      testReason: null,
      hostSays: null,
      testedAt: null,
      expiresAt: null,
      tokenScopes: [],
      hostLastUsedAt: null,
    });
  });

  it("is tested anew where another one was put in its place meanwhile", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "wrong" });
    let rotated = false;
    const { upstream } = ctx;
    const overtaken = context({
      upstream: {
        connect(host) {
          const connection = upstream.connect(host);
          return {
            ...connection,
            async get(request) {
              const answer = await connection.get(request);
              if (!rotated) {
                rotated = true;
                await rotateCredential(ctx, { id, password: "writes" });
              }
              return answer;
            },
          };
        },
      },
    });
    expect(await testCredential(overtaken, { id })).toMatchObject({ outcome: "reads_and_writes" });
    expect(await row(id)).toMatchObject({ currentVersion: 2, testOutcome: "reads_and_writes" });
    expect(await outcomes(repository)).toEqual([
      ["credential.created", "none"],
      ["credential.rotated", "none"],
      ["credential.tested", "reads_and_writes"],
    ]);
  });

  it("keeps the address that the host itself led to", async () => {
    const { id: repository } = await newRepository();
    await database.db.upstream.update({ where: { repositoryId: repository }, data: { canonicalPath: "/team/app" } });
    const { id } = await createCredential(ctx, { repository, password: "writes", test: "required" });
    const kept = await database.db.upstream.findUniqueOrThrow({ where: { repositoryId: repository } });
    expect(kept.canonicalPath).toBe("/team/app.git");
    host.requests.length = 0;
    await testCredential(ctx, { id });
    expect(host.requests.filter(({ line }) => line.includes("/team/app/"))).toEqual([]);
  });

  it("is a viewer's neither to test nor to find", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "writes" });
    host.requests.length = 0;
    const viewer = context({ actor: memberActor(acme, { role: "viewer" }) });
    await expect(testCredential(viewer, { id })).rejects.toMatchObject({ code: "forbidden" });
    const other = await makeOrganization(database.db, `other-${counter}`);
    const stranger = context({ actor: memberActor(other) });
    await expect(testCredential(stranger, { id })).rejects.toMatchObject({ code: "not_found" });
    expect(host.requests).toEqual([]);
  });
});

describe("tests of one organization that hang", () => {
  it("hold up a bounded number of its own, and nobody else's", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "writes" });
    let answer = () => undefined as void;
    const hangs = new Promise<void>((resolve) => (answer = resolve));
    let begun = 0;
    const begin = () => inTestLine(acme.id, () => ((begun += 1), hangs));
    const line = Array.from({ length: MOST_TESTS_AT_ONCE + MOST_TESTS_WAITING }, begin);
    const full = { code: "queue_full", details: { retryAfter: 30 } };
    await expect(testCredential(ctx, { id })).rejects.toMatchObject(full);
    const { id: other } = await newRepository();
    const tested = createCredential(ctx, { repository: other, password: "writes", test: "required" });
    await expect(tested).rejects.toMatchObject(full);
    await createCredential(ctx, { repository: other, password: "writes" });
    expect(begun).toBe(MOST_TESTS_AT_ONCE);
    expect(await inTestLine("another organization", () => Promise.resolve("tested"))).toBe("tested");
    answer();
    await Promise.all(line);
    expect(await testCredential(ctx, { id })).toMatchObject({ outcome: "reads_and_writes" });
  });
});
