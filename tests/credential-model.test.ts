import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { erasePrevious } from "@/lib/domain/credentials/erase-previous";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { discardRotation, finishRotation } from "@/lib/domain/credentials/finish-rotation";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { rollBackCredential } from "@/lib/domain/credentials/roll-back-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { stageSecret } from "@/lib/domain/credentials/stage-secret";
import { DomainError } from "@/lib/domain/errors";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
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
  acme = await makeOrganization(database.db, "acme");
  const upstream = createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8"));
  ctx = makeContext(database.db, memberActor(acme), { upstream });
  for (const n of [1, 2, 3]) host.tokens.set(`good-${n}`, "write");
});

afterAll(() => host.stop());

/** What a credential is to be: the secrets by their place. `tested` says whether the current one is known to write. */
interface Model {
  current: string;
  tested: boolean;
  previous: string | null;
  pending: string | null;
}

const good = (secret: string) => secret.startsWith("good");
const replaced = (model: Model, current: string, tested: boolean): Model => ({
  current,
  tested,
  previous: model.current,
  pending: null,
});

type Act = { name: string; secret: string };

/** What the act makes of the model; the same object where it is refused. */
function expected(model: Model, { name, secret }: Act): Model {
  switch (name) {
    case "rotate":
      return replaced(model, secret, false);
    case "rotate tested":
      // A refusal erases what was pending: the new secret took its place first.
      return good(secret) ? replaced(model, secret, true) : { ...model, pending: null };
    case "stage":
      return { ...model, pending: secret };
    case "finish":
      if (model.pending === null) return model;
      return good(model.pending) ? replaced(model, model.pending, true) : { ...model, pending: null };
    case "discard":
      return { ...model, pending: null };
    case "roll back":
      return model.previous !== null && good(model.previous) ? replaced(model, model.previous, true) : model;
    default:
      return { ...model, previous: null };
  }
}

async function run(id: string, { name, secret }: Act): Promise<void> {
  const acts: Record<string, () => Promise<unknown>> = {
    rotate: () => rotateCredential(ctx, { id, password: secret }),
    "rotate tested": () => rotateCredential(ctx, { id, password: secret, test: "required" }),
    stage: async () => stageSecret(ctx, await findCredential(ctx, id), { username: null, password: secret }),
    finish: () => finishRotation(ctx, { id }),
    discard: () => discardRotation(ctx, { id }),
    "roll back": () => rollBackCredential(ctx, { id }),
    erase: () => erasePrevious(ctx, { id }),
  };
  await acts[name]!().catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
  });
}

async function newCredential(): Promise<string> {
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
  const { id: repository } = await makeRepository(database.db, acme, `app-${(counter += 1)}`, upstream);
  return (await createCredential(ctx, { repository, password: "good-1" })).id;
}

async function actual(id: string): Promise<Model> {
  const credential = await findCredential(ctx, id);
  const open = (version: number | null) =>
    version === null ? null : withOpenSecret(ctx, { ...credential, version }, ({ password }) => password);
  const { previousVersion, pendingVersion, version, testOutcome } = credential;
  return {
    current: (await open(version))!,
    tested: testOutcome === "reads_and_writes",
    previous: await open(previousVersion),
    pending: await open(pendingVersion),
  };
}

/** Nothing is stored but what has a place, and every place has its secret. */
async function expectNoLeftovers(id: string): Promise<void> {
  const { version, previousVersion, pendingVersion, lastVersion } = await findCredential(ctx, id);
  const stored = await database.db.credentialSecret.findMany({
    where: { credentialId: id },
    select: { version: true },
  });
  const places = [version, previousVersion, pendingVersion].filter((each) => each !== null);
  expect(stored.map((each) => each.version).sort((a, b) => a - b)).toEqual(places.sort((a, b) => a - b));
  expect(new Set(places).size).toBe(places.length);
  expect(Math.max(...places)).toBeLessThanOrEqual(lastVersion);
}

const act: fc.Arbitrary<Act> = fc.record({
  name: fc.constantFrom("rotate", "rotate tested", "stage", "finish", "discard", "roll back", "erase"),
  secret: fc.constantFrom("good-1", "good-2", "good-3", "bad-1", "bad-2"),
});

it("a credential is what the model says, after any acts one after the other", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 10 }), async (acts) => {
      const id = await newCredential();
      let model: Model = { current: "good-1", tested: false, previous: null, pending: null };
      for (const each of acts) {
        await run(id, each);
        model = expected(model, each);
        expect(await actual(id)).toEqual(model);
        await expectNoLeftovers(id);
      }
    }),
    { numRuns: 25 },
  );
});

it(
  "a credential has exactly one current secret, and no leftovers, after any acts at once",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 5 }), async (acts) => {
        const id = await newCredential();
        await run(id, { name: "rotate", secret: "good-2" });
        await Promise.all(acts.map((each) => run(id, each)));
        const { current } = await actual(id);
        expect(["good-1", "good-2", ...acts.map(({ secret }) => secret)]).toContain(current);
        await expectNoLeftovers(id);
      }),
      { numRuns: 25 },
    );
  },
);
