import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { eraseExpired, erasePrevious } from "@/lib/domain/credentials/erase-previous";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { discardRotation, finishRotation } from "@/lib/domain/credentials/finish-rotation";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { rollBackCredential } from "@/lib/domain/credentials/roll-back-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { stageSecret } from "@/lib/domain/credentials/stage-secret";
import { DomainError } from "@/lib/domain/errors";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { detachRepository } from "@/lib/domain/repositories/detach-repository";
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
interface Places {
  current: string;
  tested: boolean;
  previous: string | null;
  pending: string | null;
}

interface Model {
  repository: "attached" | "detached" | "deleted";
  credential: Places | null;
  /** Whether it is the one that acts name: one that is created meanwhile has an id that they do not know. */
  named: boolean;
}

const ACTS = [
  ...(["rotate", "rotate tested", "stage", "finish", "discard", "roll back", "erase", "expire"] as const),
  ...(["create", "remove", "detach", "delete"] as const),
];
type Act = { name: string; secret: string };

/** The code of the refusal; null where there is none. */
type Refusal = string | null;

const DAY_MS = 24 * 60 * 60 * 1000;
const good = (secret: string) => secret.startsWith("good");
const replaced = (places: Places, current: string, tested: boolean): Places => ({
  current,
  tested,
  previous: places.current,
  pending: null,
});

/** What an act makes of the model, and how it is refused. */
function expected(model: Model, act: Act): [Model, Refusal] {
  const { repository, credential } = model;
  switch (act.name) {
    case "create":
      if (repository === "deleted") return [model, "not_found"];
      if (repository === "detached") return [model, "no_upstream"];
      if (credential) return [model, "credential_exists"];
      return [
        { ...model, credential: { current: act.secret, tested: false, previous: null, pending: null }, named: false },
        null,
      ];
    case "detach":
      if (repository === "deleted") return [model, "not_found"];
      return [{ ...model, repository: "detached", credential: null }, null];
    case "delete":
      if (repository === "deleted") return [model, "repository_deleted"];
      return [{ ...model, repository: "deleted", credential: null }, null];
    case "expire":
      return [{ ...model, credential: credential && { ...credential, previous: null } }, null];
  }
  if (!credential || !model.named) return [model, "not_found"];
  if (act.name === "remove") return [{ ...model, credential: null }, null];
  const [places, refusal] = expectedPlaces(credential, act);
  return [{ ...model, credential: places }, refusal];
}

function expectedPlaces(places: Places, { name, secret }: Act): [Places, Refusal] {
  const { previous, pending } = places;
  switch (name) {
    case "rotate":
      return [replaced(places, secret, false), null];
    case "rotate tested":
      // A refusal erases what was pending: the new secret took its place first.
      return good(secret)
        ? [replaced(places, secret, true), null]
        : [{ ...places, pending: null }, "credential_refused"];
    case "stage":
      return [{ ...places, pending: secret }, null];
    case "finish":
      if (pending === null) return [places, "conflict"];
      return good(pending)
        ? [replaced(places, pending, true), null]
        : [{ ...places, pending: null }, "credential_refused"];
    case "discard":
      return [{ ...places, pending: null }, pending === null ? "conflict" : null];
    case "roll back":
      if (previous === null) return [places, "no_previous"];
      return good(previous) ? [replaced(places, previous, true), null] : [places, "credential_refused"];
    default:
      return [{ ...places, previous: null }, previous === null ? "no_previous" : null];
  }
}

/** A repository and the id that its credential has, or had. */
interface Subject {
  repository: string;
  id: string;
}

/** Acts on the credential that the subject names; one that is created is what it names from then on. */
async function run(subject: Subject, { name, secret }: Act): Promise<Refusal> {
  const { repository, id } = subject;
  const acts: Record<(typeof ACTS)[number], () => Promise<unknown>> = {
    rotate: () => rotateCredential(ctx, { id, password: secret }),
    "rotate tested": () => rotateCredential(ctx, { id, password: secret, test: "required" }),
    stage: async () => {
      const staged = await stageSecret(ctx, await findCredential(ctx, id), { username: null, password: secret });
      if (staged === undefined) throw new DomainError("busy", "Overtaken.");
    },
    finish: () => finishRotation(ctx, { id }),
    discard: () => discardRotation(ctx, { id }),
    "roll back": () => rollBackCredential(ctx, { id }),
    erase: () => erasePrevious(ctx, { id }),
    expire: () => eraseExpired({ ...ctx, clock: () => new Date(Date.now() + 8 * DAY_MS) }),
    create: async () => (subject.id = (await createCredential(ctx, { repository, password: secret })).id),
    remove: () => removeCredential(ctx, { id }),
    detach: () => detachRepository(ctx, { repository }),
    delete: () => deleteRepository(ctx, { repository }),
  };
  try {
    await acts[name as keyof typeof acts]();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

async function newSubject(): Promise<Subject> {
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
  const { id: repository } = await makeRepository(database.db, acme, `app-${(counter += 1)}`, upstream);
  return { repository, id: (await createCredential(ctx, { repository, password: "good-1" })).id };
}

const fresh: Model = {
  repository: "attached",
  credential: { current: "good-1", tested: false, previous: null, pending: null },
  named: true,
};

async function actual({ repository }: Subject): Promise<Omit<Model, "named">> {
  const row = await database.db.repository.findUniqueOrThrow({
    where: { id: repository },
    select: { deletedAt: true, upstream: { select: { host: true } }, credential: { select: { id: true } } },
  });
  const state = row.deletedAt ? "deleted" : row.upstream ? "attached" : "detached";
  return { repository: state, credential: row.credential && (await placesOf(row.credential.id)) };
}

async function placesOf(id: string): Promise<Places> {
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

/** Nothing is stored but what has a place, and every place has its secret; of one that is gone nothing is. */
async function expectNoLeftovers(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const credential = await findCredential(ctx, id).catch(() => null);
    const stored = await database.db.credentialSecret.findMany({
      where: { credentialId: id },
      select: { version: true },
    });
    const { version, previousVersion, pendingVersion } = credential ?? {};
    const places = [version, previousVersion, pendingVersion].filter((each) => typeof each === "number");
    expect(stored.map((each) => each.version).sort((a, b) => a - b)).toEqual(places.sort((a, b) => a - b));
    expect(new Set(places).size).toBe(places.length);
    if (credential) expect(Math.max(...places)).toBeLessThanOrEqual(credential.lastVersion);
  }
}

const act: fc.Arbitrary<Act> = fc.record({
  name: fc.constantFrom(...ACTS),
  secret: fc.constantFrom("good-1", "good-2", "good-3", "bad-1", "bad-2"),
});

it(
  "a credential is what the model says, and so is each refusal, after any acts in turn",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 10 }), async (acts) => {
        const subject = await newSubject();
        const ids = new Set([subject.id]);
        let model = fresh;
        for (const each of acts) {
          const refusal = await run(subject, each);
          ids.add(subject.id);
          const [next, wanted] = expected(model, each);
          model = { ...next, named: true };
          expect({ act: each.name, refusal }).toEqual({ act: each.name, refusal: wanted });
          expect({ ...(await actual(subject)), named: true }).toEqual(model);
          await expectNoLeftovers([...ids]);
        }
      }),
      { numRuns: 25 },
    );
  },
);

/** What an act that was overtaken may say; it has changed nothing. */
const OVERTAKEN = ["busy", "conflict", "no_previous", "not_found"];

/**
 * An act in the steps that others may come between. A test takes its time: meanwhile the new secret waits where others
 * find it, and after a refusal only that one is erased.
 */
function steps(each: Act): ((model: Model) => [Model, Refusal])[] {
  const whole = (model: Model) => expected(model, each);
  if (each.name !== "rotate tested") return [whole];
  const stage = (model: Model): [Model, Refusal] => [expected(model, { ...each, name: "stage" })[0], null];
  const refuse = (model: Model): [Model, Refusal] => {
    const { credential, named } = model;
    if (!credential || !named) return [model, "credential_refused"];
    const pending = credential.pending === each.secret ? null : credential.pending;
    return [{ ...model, credential: { ...credential, pending } }, "credential_refused"];
  };
  return [stage, good(each.secret) ? whole : refuse];
}

interface Done {
  steps: ReturnType<typeof steps>;
  refusal: Refusal;
  /** It may have changed nothing, since another act came before it. */
  overtaken: boolean;
}

/**
 * What an act came to. The end of a secret's time looks which ones are over, and leaves alone what was replaced since: it
 * says nothing then.
 */
function doneWith(each: Act, refusal: Refusal): Done {
  const overtaken = refusal === null ? each.name === "expire" : OVERTAKEN.includes(refusal);
  return { steps: steps(each), refusal, overtaken };
}

/** Whether the acts, each with the refusal that it got, lead from one model to the other in some order. */
function someOrder(model: Model, left: Done[], end: string): boolean {
  if (left.length === 0) return JSON.stringify([model.repository, model.credential]) === end;
  return left.some(({ steps: [step, ...others], refusal, overtaken }, index) => {
    const rest = left.filter((_, other) => other !== index);
    if (overtaken && someOrder(model, rest, end)) return true;
    const [next, said] = step!(model);
    if (others.length > 0) return someOrder(next, [...rest, { steps: others, refusal, overtaken }], end);
    return said === refusal && someOrder(next, rest, end);
  });
}

it("what any acts at once lead to is what some order of them leads to", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 4 }), async (acts) => {
      const subject = await newSubject();
      const named = { ...subject };
      await run(subject, { name: "rotate", secret: "good-2" });
      const [model] = expected(fresh, { name: "rotate", secret: "good-2" });
      const made: string[] = [];
      const done = await Promise.all(
        acts.map(async (each) => {
          const own = { ...named };
          const refusal = await run(own, each);
          if (own.id !== named.id) made.push(own.id);
          return doneWith(each, refusal);
        }),
      );
      const end = await actual(subject);
      const seen = acts.map(({ name, secret }, index) => `${name} ${secret}: ${done[index]!.refusal ?? "done"}`);
      const explained = someOrder(model, done, JSON.stringify([end.repository, end.credential]));
      expect({ seen, end, explained }).toEqual({ seen, end, explained: true });
      await expectNoLeftovers([named.id, ...made]);
    }),
    { numRuns: 25 },
  );
});
