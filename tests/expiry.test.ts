import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { announceExpiring } from "@/lib/domain/credentials/announce-expiring";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { finishRotation } from "@/lib/domain/credentials/finish-rotation";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { stageSecret } from "@/lib/domain/credentials/stage-secret";
import { testCredential } from "@/lib/domain/credentials/test-credential";
import { listRepositoryViews } from "@/lib/domain/repositories/list-repositories";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { addWebhook } from "@/lib/domain/webhooks/add-webhook";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";

const database = useDatabase();
const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = new Date("2026-11-23T12:00:00Z");
let gitlab: GitHost;
let gitea: GitHost;
let acme: MadeOrganization;
let ctx: Context;
let counter = 0;

beforeAll(async () => {
  [gitlab, gitea] = await Promise.all([startGitHost("GitLab"), startGitHost("Gitea")]);
  for (const host of [gitlab, gitea]) {
    host.addRepository("team/app");
    host.tokens.set("reads", "read");
  }
  const authorities = [gitlab, gitea].map(({ caFile }) => readFileSync(caFile, "utf8")).join("\n");
  const upstream = createUpstreamClient(createEgressPolicy([gitlab.host, gitea.host]), authorities);
  ctx = makeContext(database.db, memberActor({ id: "", slug: "" }), { upstream, clock: () => NOW });
});

afterAll(async () => {
  await gitlab.stop();
  await gitea.stop();
});

beforeEach(async () => {
  acme = await makeOrganization(database.db, `acme-${(counter += 1)}`);
  ctx = { ...ctx, actor: memberActor(acme) };
});

const inDays = (days: number) => new Date(NOW.getTime() + days * DAY_MS);
const at = (days: number): Context => ({ ...ctx, clock: () => inDays(days) });
const endOf = async (id: string) => (await database.db.gitCredential.findUniqueOrThrow({ where: { id } })).expiresAt;

function newRepository(provider: "gitlab" | "gitea" = "gitea", name = `app-${(counter += 1)}`) {
  const upstream = { provider, host: (provider === "gitlab" ? gitlab : gitea).host, owner: "team", name: "app" };
  return makeRepository(database.db, acme, name, upstream);
}

describe("when a token ends", () => {
  it("is what somebody said, through tests, until the next rotation", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, {
      repository,
      password: "reads",
      expiresAt: inDays(40),
      test: "required",
    });
    expect(await endOf(id)).toEqual(inDays(40));
    await testCredential(ctx, { id });
    expect(await endOf(id)).toEqual(inDays(40));
    await rotateCredential(ctx, { id, password: "reads", expiresAt: inDays(90), test: "required" });
    expect(await endOf(id)).toEqual(inDays(90));
    await rotateCredential(ctx, { id, password: "reads", expiresAt: inDays(50) });
    expect(await endOf(id)).toEqual(inDays(50));
    await rotateCredential(ctx, { id, password: "reads" });
    expect(await endOf(id)).toBeNull();
  });

  it("is kept with a secret that waits for its test", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "reads", expiresAt: inDays(40) });
    const stage = async (expiresAt?: Date) =>
      stageSecret(ctx, await findCredential(ctx, id), { username: null, password: "reads", expiresAt });
    await stage(inDays(90));
    expect(await endOf(id)).toEqual(inDays(40));
    await finishRotation(ctx, { id });
    expect(await endOf(id)).toEqual(inDays(90));
    await stage(inDays(60));
    await stage();
    await finishRotation(ctx, { id });
    expect(await endOf(id)).toBeNull();
  });

  it("is the host's own word where it has one", async () => {
    const { id: repository } = await newRepository("gitlab");
    const { id } = await createCredential(ctx, {
      repository,
      password: "reads",
      expiresAt: inDays(3),
      test: "required",
    });
    expect(await endOf(id)).toEqual(new Date(`${gitlab.tokensEnd}T00:00:00Z`));
  });

  it("sorts the list, with what has no known end last", async () => {
    for (const [name, days] of [
      ["b", 20],
      ["a", 30],
      ["c", 10],
    ] as const) {
      const { id: repository } = await newRepository("gitea", name);
      await createCredential(ctx, { repository, password: "reads", expiresAt: inDays(days) });
    }
    await newRepository("gitea", "d");
    const names = async (sort: "expires" | "-expires") =>
      (await listRepositoryViews(ctx, { state: "all", sort, page: 1, pageSize: 10 })).rows.map(({ name }) => name);
    expect(await names("expires")).toEqual(["c", "b", "a", "d"]);
    expect(await names("-expires")).toEqual(["a", "b", "c", "d"]);
  });
});

describe("a token's end is told of", () => {
  async function told(): Promise<unknown[]> {
    const deliveries = await database.db.webhookDelivery.findMany({
      where: { webhook: { organizationId: acme.id } },
      orderBy: { createdAt: "asc" },
    });
    return deliveries.map(({ payload }) => (JSON.parse(payload) as { days_left: number }).days_left);
  }

  beforeEach(async () => {
    await addWebhook(ctx, {
      url: "https://hooks.example.com/",
      secret: "0123456789abcdef",
      events: ["credential.expiring"],
    });
  });

  it("at 30, 14, 7 days and one, once at each, and not after the end", async () => {
    const { id: repository } = await newRepository();
    await createCredential(ctx, { repository, password: "reads", expiresAt: inDays(40) });
    for (let day = 0; day <= 42; day += 1) {
      await announceExpiring(at(day));
      await announceExpiring(at(day + 0.5));
    }
    expect(await told()).toEqual([30, 14, 7, 1]);
  });

  it("at its nearest mark only where it is found late, and anew after a rotation", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "reads", expiresAt: inDays(5) });
    await announceExpiring(ctx);
    expect(await told()).toEqual([7]);
    await rotateCredential(ctx, { id, password: "reads", expiresAt: inDays(6) });
    await announceExpiring(ctx);
    expect(await told()).toEqual([7, 7]);
  });

  it("once, by whichever worker is first", async () => {
    const { id: repository } = await newRepository();
    await createCredential(ctx, { repository, password: "reads", expiresAt: inDays(5) });
    await Promise.all(Array.from({ length: 8 }, () => announceExpiring(ctx)));
    expect(await told()).toEqual([7]);
  });
});
