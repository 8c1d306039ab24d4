import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { TokenActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { createRepository } from "@/lib/domain/repositories/create-repository";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { listRepositoriesAfter, listRepositoryViews } from "@/lib/domain/repositories/list-repositories";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
let acme: MadeOrganization;
let other: MadeOrganization;
let ctx: Context;
let stranger: Context;
let counter = 0;

beforeAll(async () => {
  acme = await makeOrganization(database.db, "acme");
  other = await makeOrganization(database.db, "other");
  ctx = makeContext(database.db, memberActor(acme));
  stranger = makeContext(database.db, memberActor(other));
});

const newRepository = () => makeRepository(database.db, acme, `team/app-${(counter += 1)}`);

function token(repositoryClaim: string | undefined): Context {
  const actor: TokenActor = {
    kind: "token",
    subject: "ci",
    signingKeyId: "key_ci",
    organizationId: acme.id,
    organizationSlug: acme.slug,
    scopes: ["repo:write", "org:read"],
    repositoryClaim,
  };
  return makeContext(database.db, actor);
}

async function stored(id: string) {
  return withOpenSecret(ctx, await findCredential(ctx, id), (secret) => secret);
}

describe("a credential", () => {
  it("is sealed at rest and opens to what was stored", async () => {
    const { name } = await newRepository();
    const { id } = await createCredential(ctx, { repository: name, username: "git", password: "marker-3f1c" });
    expect(await stored(id)).toEqual({ username: "git", password: "marker-3f1c" });
    const rows = await database.db.credentialSecret.findMany({ where: { credentialId: id } });
    expect(rows).toHaveLength(1);
    expect(Buffer.from(rows[0]!.sealed).toString("latin1")).not.toContain("marker");
  });

  it("takes the place of one that is removed just while it is in the way", async () => {
    const { id: repository } = await newRepository();
    const { id: inTheWay } = await createCredential(ctx, { repository, password: "one" });
    let refused = 0;
    const db = database.db.$extends({
      query: {
        async $queryRaw({ args, query }) {
          const rows = (await query(args)) as unknown[];
          if (rows.length > 0) return rows;
          refused += 1;
          // What was in the way is gone before anybody asks what it was.
          await removeCredential(ctx, { id: inTheWay });
          return rows;
        },
      },
    }) as unknown as Context["db"];
    const { id } = await createCredential({ ...ctx, db }, { repository, password: "two" });
    expect(refused).toBe(1);
    expect(await stored(id)).toEqual({ username: null, password: "two" });
  });

  it("keeps its id and creation time when rotated, and its username unless one is sent", async () => {
    const { id: repository } = await newRepository();
    const created = await createCredential(ctx, { repository, username: "git", password: "one" });
    expect(await rotateCredential(ctx, { id: created.id, password: "two" })).toEqual(created);
    expect(await stored(created.id)).toEqual({ username: "git", password: "two" });
    await rotateCredential(ctx, { id: created.id, username: "", password: "three" });
    expect(await stored(created.id)).toEqual({ username: null, password: "three" });
    await rotateCredential(ctx, { id: created.id, username: "bot", password: "four" });
    await rotateCredential(ctx, { id: created.id, username: null, password: "five" });
    expect(await stored(created.id)).toEqual({ username: null, password: "five" });
    // The current one, and the one before it to go back to.
    expect(await database.db.credentialSecret.count({ where: { credentialId: created.id } })).toBe(2);
  });

  it("is refused a second time with the existing id", async () => {
    const { name } = await newRepository();
    const { id } = await createCredential(ctx, { repository: name, password: "one" });
    await expect(createCredential(ctx, { repository: name, password: "two" })).rejects.toMatchObject({
      code: "credential_exists",
      details: { id },
    });
    expect(await stored(id)).toEqual({ username: null, password: "one" });
  });

  it("is created once by a hundred at the same time", async () => {
    const { name } = await newRepository();
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) => createCredential(ctx, { repository: name, password: `secret-${n}` })),
    );
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).toHaveLength(99);
    expect(refused.every(({ reason }) => (reason as { code: string }).code === "credential_exists")).toBe(true);
  });

  it("survives concurrent rotations with exactly one current secret", async () => {
    const { name } = await newRepository();
    const { id } = await createCredential(ctx, { repository: name, username: "git", password: "first" });
    await Promise.all(Array.from({ length: 20 }, (_, n) => rotateCredential(ctx, { id, password: `rotated-${n}` })));
    const secret = await stored(id);
    expect(secret.username).toBe("git");
    expect(secret.password).toMatch(/^rotated-/);
    expect(await database.db.credentialSecret.count({ where: { credentialId: id } })).toBe(2);
    expect((await database.db.gitCredential.findUniqueOrThrow({ where: { id } })).currentVersion).toBe(21);
  });

  it("is gone with its secret when removed, and when its repository is deleted", async () => {
    const { name } = await newRepository();
    const { id } = await createCredential(ctx, { repository: name, password: "one" });
    await removeCredential(ctx, { id });
    await expect(removeCredential(ctx, { id })).rejects.toMatchObject({ code: "not_found" });
    const again = await createCredential(ctx, { repository: name, password: "two" });
    await deleteRepository(ctx, { repository: name });
    expect(await database.db.credentialSecret.count({ where: { credentialId: { in: [id, again.id] } } })).toBe(0);
    await expect(deleteRepository(ctx, { repository: name })).rejects.toMatchObject({ code: "repository_deleted" });
    await createRepository(ctx, { name, defaultBranch: "main", upstream: null });
  });

  it("never outlives a repository that is deleted at the same moment", async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id, name } = await newRepository();
      await Promise.allSettled([
        createCredential(ctx, { repository: name, password: "one" }),
        deleteRepository(ctx, { repository: name }),
      ]);
      expect(await database.db.gitCredential.count({ where: { repositoryId: id } })).toBe(0);
    }
  });

  it("needs a generic Git upstream", async () => {
    const none = await makeRepository(database.db, acme, "bare", null);
    const hub = await makeRepository(database.db, acme, "hub", {
      provider: "github",
      host: "github.com",
      owner: "a",
      name: "b",
    });
    for (const { name } of [none, hub]) {
      await expect(createCredential(ctx, { repository: name, password: "x" })).rejects.toMatchObject({
        code: "no_upstream",
      });
    }
  });

  it("does not open after its row was tampered with, says so, and can be replaced whole", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, username: "git", password: "one" });
    const twin = await createCredential(ctx, {
      repository: (await newRepository()).id,
      username: "git",
      password: "two",
    });
    const { sealed } = await database.db.credentialSecret.findFirstOrThrow({ where: { credentialId: twin.id } });
    await database.db.credentialSecret.updateMany({ where: { credentialId: id }, data: { sealed } });
    await expect(rotateCredential(ctx, { id, password: "three" })).rejects.toMatchObject({
      code: "credential_unreadable",
    });
    expect(await database.db.auditEvent.count({ where: { targetId: id, action: "credential.unreadable" } })).toBe(1);
    await rotateCredential(ctx, { id, username: "", password: "four" });
    expect(await stored(id)).toEqual({ username: null, password: "four" });
  });

  it("does not open under another upstream", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "one" });
    await database.db.upstream.update({ where: { repositoryId: repository }, data: { host: "evil.example" } });
    await expect(stored(id)).rejects.toMatchObject({ code: "credential_unreadable" });
  });
});

describe("another organization", () => {
  it("is told the same as for an id that never was", async () => {
    const { id: repository } = await newRepository();
    const { id } = await createCredential(ctx, { repository, password: "one" });
    const answers = await Promise.allSettled([
      rotateCredential(stranger, { id, password: "x" }),
      rotateCredential(stranger, { id: "ggc_000000000000000000000000", password: "x" }),
      removeCredential(stranger, { id }),
      createCredential(stranger, { repository, password: "x" }),
      createCredential(stranger, { repository: "repo_000000000000000000000000", password: "x" }),
    ]);
    const said = answers.map((answer) =>
      answer.status === "rejected" ? (answer.reason as Error & { code: string }) : null,
    );
    expect(said.every((error) => error?.code === "not_found")).toBe(true);
    expect(said[0]!.message).toBe(said[1]!.message);
    expect(said[3]!.message).toBe(said[4]!.message);
    expect(await stored(id)).toEqual({ username: null, password: "one" });
  });
});

describe("a token bound to one repository", () => {
  it("reaches it by name and by id, and gets one constant answer for any other", async () => {
    const mine = await newRepository();
    const theirs = await newRepository();
    await createCredential(token(mine.name), { repository: mine.id, password: "one" });
    await expect(createCredential(token(mine.id), { repository: mine.name, password: "x" })).rejects.toMatchObject({
      code: "credential_exists",
    });
    const refusals = await Promise.allSettled(
      [theirs.name, theirs.id, "never-was"].map((repository) =>
        createCredential(token(mine.name), { repository, password: "x" }),
      ),
    );
    const messages = refusals.map((refusal) =>
      refusal.status === "rejected" ? (refusal.reason as Error).message : "",
    );
    expect(new Set(messages)).toEqual(new Set(["This token is bound to another repository."]));
    await expect(createCredential(token("gone"), { repository: "gone", password: "x" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("does not find another repository's credential by its id", async () => {
    const mine = await newRepository();
    const { id } = await createCredential(ctx, { repository: (await newRepository()).id, password: "one" });
    await expect(removeCredential(token(mine.name), { id })).rejects.toMatchObject({ code: "not_found" });
    await removeCredential(token("org"), { id });
  });
});

describe("the audit chain", () => {
  it("is dense and unbroken after everything above", async () => {
    const events = await database.db.auditEvent.findMany({
      where: { organizationId: acme.id },
      orderBy: { seq: "asc" },
    });
    expect(events.length).toBeGreaterThan(30);
    let previous = Buffer.alloc(32);
    for (const [index, event] of events.entries()) {
      expect(event.seq).toBe(BigInt(index + 1));
      expect(Buffer.from(event.prevHash).equals(previous)).toBe(true);
      const hash = createHash("sha256").update(previous).update(`${event.seq}\n${event.payload}`).digest();
      expect(Buffer.from(event.hash).equals(hash)).toBe(true);
      previous = hash;
    }
    const head = await database.db.auditChain.findUniqueOrThrow({ where: { organizationId: acme.id } });
    expect(head.seq).toBe(BigInt(events.length));
    expect(Buffer.from(head.hash).equals(previous)).toBe(true);
  });

  it("undoes the change when the record cannot be written", async () => {
    const { name, id } = await newRepository();
    await database.db.$executeRawUnsafe("ALTER TABLE audit_event ADD CONSTRAINT refuse_all CHECK (false) NOT VALID");
    await expect(createCredential(ctx, { repository: name, password: "x" })).rejects.toThrow();
    await database.db.$executeRawUnsafe("ALTER TABLE audit_event DROP CONSTRAINT refuse_all");
    expect(await database.db.gitCredential.count({ where: { repositoryId: id } })).toBe(0);
  });
});

describe("the list", () => {
  it("takes wildcards in a search as the letters they are", async () => {
    await makeRepository(database.db, acme, "UPPER_case");
    const found = await listRepositoriesAfter(ctx, { limit: 100, q: "r_c" });
    expect(found.rows.map((row) => row.name)).toEqual(["UPPER_case"]);
  });

  it("pages through everything once", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listRepositoriesAfter(ctx, { limit: 3, cursor });
      seen.push(...page.rows.map((row) => row.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const { total } = await listRepositoryViews(ctx, { state: "all", sort: "name", page: 1, pageSize: 50 });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(total);
  });

  it("filters by the credential's state", async () => {
    const count = async (state: "with" | "without" | "no_upstream" | "all") =>
      (await listRepositoryViews(ctx, { state, sort: "-created", page: 1, pageSize: 1 })).total;
    expect((await count("with")) + (await count("without")) + (await count("no_upstream"))).toBe(await count("all"));
    expect(await count("no_upstream")).toBeGreaterThan(0);
  });
});
