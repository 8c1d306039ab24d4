import { beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { expectWrites } from "@/lib/domain/repositories/expect-writes";
import { countAnyAttention, countAttention, listAttention } from "@/lib/domain/repositories/list-attention";
import { listRepositoryViews } from "@/lib/domain/repositories/list-repositories";
import type { Prisma } from "@/lib/platform/prisma-client/client";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
const NOW = new Date("2026-11-23T12:00:00Z");
const day = (days: number) => new Date(NOW.getTime() + days * 24 * 60 * 60 * 1000);
let acme: MadeOrganization;
let ctx: Context;

beforeAll(async () => {
  acme = await makeOrganization(database.db, "acme");
  ctx = makeContext(database.db, memberActor(acme), { clock: () => NOW });
  await withCredential("a-fine", { testOutcome: "reads_and_writes", testedAt: NOW });
  await withCredential("b-fine-for-long", { testOutcome: "reads_only", testedAt: NOW, expiresAt: day(31) });
  await withCredential("c-public", { testOutcome: "public_unproven", testedAt: NOW });
  await withCredential("d-rejected", { testOutcome: "rejected", testedAt: NOW });
  await withCredential("e-no-access", { testOutcome: "no_access", testedAt: NOW });
  await withCredential("f-rejected-and-ended", { testOutcome: "rejected", testedAt: NOW, expiresAt: day(-1) });
  await withCredential("g-expiring", { testOutcome: "reads_only", testedAt: NOW, expiresAt: day(30) });
  await withCredential("h-unreachable", { testOutcome: "unreachable", testedAt: NOW });
  await withCredential("i-not-tested", {});
  await withCredential("j-not-usable", { testOutcome: "takes_no_credential", testedAt: NOW });
  await makeRepository(database.db, acme, "k-missing");
  const srht = { provider: "srht" as const, host: "git.sr.ht", owner: "~ada", name: "app" };
  await makeRepository(database.db, acme, "l-needs-none", srht);
  await makeRepository(database.db, acme, "m-no-upstream", null);
  await withCredential("o-paused", { testOutcome: "reads_only", testedAt: NOW });
  await database.db.repository.updateMany({ where: { name: "o-paused" }, data: { pausedAt: NOW } });
  await withCredential("p-read-only", { testOutcome: "reads_only", testedAt: NOW });
  await expectWrites(ctx, { repository: "p-read-only", expectsWrite: true });
  await withCredential("q-writes", { testOutcome: "reads_and_writes", testedAt: NOW });
  await expectWrites(ctx, { repository: "q-writes", expectsWrite: true });
  await withCredential("r-unreadable", { testOutcome: "reads_only", testedAt: NOW, unreadableAt: NOW });
  await withCredential("n-deleted", { testOutcome: "rejected", testedAt: NOW });
  await deleteRepository(ctx, { repository: "n-deleted" });
});

async function withCredential(name: string, data: Prisma.GitCredentialUpdateInput): Promise<void> {
  await makeRepository(database.db, acme, name);
  const { id } = await createCredential(ctx, { repository: name, password: "x" });
  await database.db.gitCredential.update({ where: { id }, data });
}

const names = async (reason?: Parameters<typeof listAttention>[1]["reason"]) =>
  (await listAttention(ctx, { reason, page: 1, pageSize: 50 })).map(({ name }) => name);

describe("what needs attention", () => {
  it.each([
    ["unreadable", ["r-unreadable"]],
    ["refused", ["d-rejected", "e-no-access", "f-rejected-and-ended"]],
    ["paused", ["o-paused"]],
    ["expiring", ["f-rejected-and-ended", "g-expiring"]],
    ["unreachable", ["h-unreachable"]],
    ["read_only", ["p-read-only"]],
    ["missing", ["k-missing"]],
    ["not_tested", ["i-not-tested"]],
    ["not_usable", ["j-not-usable"]],
  ] as const)("%s", async (reason, expected) => {
    expect(await names(reason)).toEqual(expected);
  });

  it("is counted by reason, and once for each repository in all", async () => {
    const expected = {
      unreadable: 1,
      refused: 3,
      paused: 1,
      expiring: 2,
      unreachable: 1,
      read_only: 1,
      missing: 1,
      not_tested: 1,
      not_usable: 1,
      any: 11,
    };
    expect(await countAttention(ctx)).toEqual(expected);
    expect(await countAnyAttention(ctx)).toBe(11);
    expect(await names()).toHaveLength(11);
  });

  it("is another organization's to know of its own repositories only", async () => {
    const other = await makeOrganization(database.db, "other");
    expect(await countAnyAttention(makeContext(database.db, memberActor(other)))).toBe(0);
  });

  it("comes in pages", async () => {
    const page = (number: number) => listAttention(ctx, { page: number, pageSize: 6 });
    expect((await page(1)).map(({ name }) => name)).toEqual((await names()).slice(0, 6));
    expect((await page(2)).map(({ name }) => name)).toEqual((await names()).slice(6));
  });
});

describe("the list narrowed to", () => {
  it.each([
    ["works", ["a-fine", "b-fine-for-long", "g-expiring", "o-paused", "p-read-only", "q-writes"]],
    ["refused", ["d-rejected", "e-no-access", "f-rejected-and-ended"]],
    ["unreachable", ["h-unreachable"]],
    ["unproven", ["c-public", "j-not-usable"]],
    ["not_tested", ["i-not-tested"]],
    ["without", ["k-missing", "l-needs-none"]],
    ["no_upstream", ["m-no-upstream"]],
  ] as const)("%s", async (state, expected) => {
    const { rows, total } = await listRepositoryViews(ctx, { state, sort: "name", page: 1, pageSize: 50 });
    expect(rows.map(({ name }) => name)).toEqual(expected);
    expect(total).toBe(expected.length);
  });
});
