import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MemberActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { erasePrevious } from "@/lib/domain/credentials/erase-previous";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { finishRotation } from "@/lib/domain/credentials/finish-rotation";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { rollBackCredential } from "@/lib/domain/credentials/roll-back-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { stageSecret } from "@/lib/domain/credentials/stage-secret";
import { DomainError } from "@/lib/domain/errors";
import { adoptAnswers } from "@/lib/domain/renewals/adopt-answers";
import { readAnswers } from "@/lib/domain/renewals/answer-file";
import { askRenewal } from "@/lib/domain/renewals/ask-renewal";
import { beginRenewals } from "@/lib/domain/renewals/begin-renewals";
import { renewTokens } from "@/lib/domain/renewals/renew-tokens";
import { requestRotation } from "@/lib/domain/rotations/request-rotation";
import { runRotation } from "@/lib/domain/rotations/run-rotation";
import { goBackAfterRejection } from "@/lib/domain/sync/go-back-after-rejection";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { makeContext, makeOrganization, makeRepository, memberActor } from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";
import type { Orders } from "./support/dying-process";
import { Steps, stepOnDisk } from "./support/steps";
import { inSteps, type Scene, type Surroundings, type VerbName } from "./support/verbs-in-steps";

// What a process leaves behind that is killed (SIGKILL) in the middle of a verb: at each statement, request and touch of
// the disk that the verb makes, which are found by doing it once.

const database = useDatabase();
const { signal } = new AbortController();
const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;
/** How many verbs one process does at once: each has connections of its own. */
const AT_ONCE = 12;
let host: GitHost;
let base: Omit<Context, "actor">;
let around: Surroundings;
let folders: string;
let counter = 0;

beforeAll(async () => {
  host = await startGitHost("GitLab");
  host.addRepository("team/app");
  host.tokenDescription = {
    created_at: new Date(Date.now() - 85 * DAY_MS).toISOString(),
    expires_at: new Date(Date.now() + 2 * DAY_MS).toISOString().slice(0, 10),
    scopes: ["read_repository", "write_repository", "self_rotate"],
  };
  const upstream = createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8"));
  base = makeContext(database.db, memberActor({ id: "", slug: "" }), { upstream });
  around = { databaseUrl: database.url, host: host.host, caFile: host.caFile };
  folders = mkdtempSync(path.join(os.tmpdir(), "latchkey-crashes-"));
});

afterAll(async () => {
  await host.stop();
  rmSync(folders, { recursive: true, force: true });
});

interface Stage extends Scene {
  ctx: Context;
  /** The token in use before the verb. */
  old: string;
  /** Every credential that it concerns. */
  ids: string[];
}

/** An organization with credentials that share a token, one of them the verb's. */
async function stage({ sharing = 0 } = {}): Promise<Stage> {
  const number = (counter += 1);
  const actor: MemberActor = memberActor(await makeOrganization(database.db, `acme-${number}`));
  const ctx: Context = { ...base, actor };
  const [old, next] = [`old-${number}`, `next-${number}`];
  host.tokens.set(old, "write").set(next, "write");
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
  const made = [];
  for (let n = 0; n <= sharing; n += 1) {
    const repository = await makeRepository(database.db, { id: actor.organizationId, slug: "" }, `app-${n}`, upstream);
    const { id } = await createCredential(ctx, { repository: repository.id, password: old });
    made.push({ id, repository });
  }
  const [{ id, repository }] = made as [(typeof made)[0]];
  return {
    ctx,
    old,
    ids: made.map((each) => each.id),
    actor,
    id,
    next,
    pulled: {
      ...repository,
      upstream: { ...upstream, canonicalPath: null },
      credential: { id, version: 2 },
      ref: null,
    },
    folder: mkdtempSync(path.join(folders, "instance-")),
  };
}

const rotated = async (set: Stage, password: string) => {
  await rotateCredential(set.ctx, { id: set.id, password });
  return set;
};

/** A credential whose token is to be renewed just now. */
async function due(options?: { sharing: number }): Promise<Stage> {
  const set = await stage(options);
  await database.db.gitCredential.update({
    where: { id: set.id },
    data: {
      renews: true,
      createdAt: new Date(Date.now() - 85 * DAY_MS),
      expiresAt: new Date(Date.now() + 2 * DAY_MS),
    },
  });
  return set;
}

async function begun(options?: { sharing: number }): Promise<Stage> {
  const set = await due(options);
  await beginRenewals(base);
  // By this call or by another one that was faster.
  const renewal = await database.db.renewal.findFirstOrThrow({ where: { credentialId: set.id } });
  const { id: rotationId, organizationId, credentialId, version } = renewal;
  const { organizationSlug } = set.actor;
  return {
    ...set,
    rotationId,
    renewal: { id: rotationId, organizationId, organizationSlug, credentialId, version, host: host.host },
  };
}

async function answered(): Promise<Stage> {
  const set = await begun({ sharing: 1 });
  await askRenewal(base, { folder: set.folder, signal }, set.renewal!);
  return set;
}

/** How each verb's stage is set. */
const SET: Record<VerbName, () => Promise<Stage>> = {
  "rotate, staged": stage,
  "rotate at once": stage,
  "finish a rotation": async () => {
    const set = await stage();
    await stageSecret(set.ctx, await findCredential(set.ctx, set.id), { username: null, password: set.next });
    return set;
  },
  "roll back": async () => stage().then((set) => rotated(set, set.next)),
  "roll back by itself": async () => stage().then((set) => rotated(set, "mistyped")),
  "erase the previous": async () => stage().then((set) => rotated(set, set.next)),
  "rotate for all": async () => {
    const set = await stage({ sharing: 1 });
    const { id: rotationId } = await requestRotation(set.ctx, { id: set.id, password: set.next });
    return { ...set, rotationId };
  },
  "begin renewals": due,
  "renew a token": begun,
  "bring a renewed token round": answered,
};

interface Death {
  set: Stage;
  /** What it was about to do. */
  step: string;
}

/** Kills the verb at each of its steps, on a credential of its own each time. */
async function dieEverywhere(name: VerbName, atOnce = AT_ONCE): Promise<Death[]> {
  const whole = await SET[name]();
  const steps = new Steps(0);
  stepOnDisk(new Map([[whole.folder, steps]]));
  await inSteps(name, plain(whole), steps, around);
  const deaths: Death[] = [];
  for (let from = 0; from < steps.names.length; from += atOnce) {
    const child = fork("tests/support/dying-process.ts", { execArgv: ["--import", "tsx"] });
    const names = steps.names.slice(from, from + atOnce);
    const sets = await Promise.all(names.map(() => SET[name]()));
    await die(child, { name, scenes: sets.map((set, index) => ({ ...plain(set), at: from + index + 1 })), around });
    deaths.push(...sets.map((set, index) => ({ set, step: names[index]! })));
  }
  return deaths;
}

/** What can be sent to another process. */
function plain({ ctx: _, ...scene }: Stage): Scene {
  return scene;
}

async function die(child: ChildProcess, orders: Orders): Promise<void> {
  const ended = once(child, "exit");
  child.send(orders);
  const [said] = (await Promise.race([once(child, "message"), ended])) as [unknown];
  expect(said).toEqual({ standing: orders.scenes.length });
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
}

const current = async ({ ctx }: Stage, id: string) =>
  withOpenSecret(ctx, await findCredential(ctx, id), ({ password }) => password);

/** One current secret that opens and that the host takes, nothing pending, and nothing stored without a place. */
async function expectSound(set: Stage, secrets: readonly string[]): Promise<void> {
  for (const id of set.ids) {
    const { version, previousVersion, pendingVersion } = await findCredential(set.ctx, id);
    const stored = await database.db.credentialSecret.findMany({ where: { credentialId: id } });
    const places = [version, previousVersion].filter((place) => place !== null);
    expect(stored.map((each) => each.version).sort()).toEqual(places.sort());
    expect(pendingVersion).toBeNull();
    const secret = await current(set, id);
    expect(secrets).toContain(secret);
    expect(host.tokens.has(secret)).toBe(true);
  }
}

async function bringRound(): Promise<void> {
  const open = await database.db.rotation.findMany({ where: { finishedAt: null } });
  for (const { id } of open) await runRotation(base, { rotationId: id }, signal);
}

const later = (minutes: number) => ({ ...base, clock: () => new Date(Date.now() + minutes * MINUTE_MS) });

describe("a process that is killed at any step of", { timeout: 120_000 }, () => {
  it.each(["rotate, staged", "finish a rotation"] as const)(
    "%s: the waiting secret can be put in place",
    async (name) => {
      for (const { set } of await dieEverywhere(name)) {
        if ((await findCredential(set.ctx, set.id)).pendingVersion !== null)
          await finishRotation(set.ctx, { id: set.id });
        await expectSound(set, [set.old, set.next]);
      }
    },
  );

  it("rotate at once: it is the one or the other, and it can be done again", async () => {
    for (const { set } of await dieEverywhere("rotate at once")) {
      await expectSound(set, [set.old, set.next]);
      await rotateCredential(set.ctx, { id: set.id, password: set.next });
      await expectSound(set, [set.next]);
    }
  });

  it("roll back: it is the one or the other, and it can be done again", async () => {
    for (const { set } of await dieEverywhere("roll back")) {
      await expectSound(set, [set.old, set.next]);
      await rollBackCredential(set.ctx, { id: set.id });
      await expectSound(set, [set.old, set.next]);
    }
  });

  it("roll back by itself: the next refusal goes back, if this one did not", async () => {
    for (const { set } of await dieEverywhere("roll back by itself")) {
      await goBackAfterRejection(set.ctx, set.pulled);
      await expectSound(set, [set.old]);
    }
  });

  it("erase the previous: it is there or erased, and is erased the next time", async () => {
    for (const { set } of await dieEverywhere("erase the previous")) {
      await expectSound(set, [set.next]);
      await erasePrevious(set.ctx, { id: set.id }).catch((error: unknown) => {
        expect((error as DomainError).code).toBe("no_previous");
      });
      expect(await database.db.credentialSecret.count({ where: { credentialId: set.id } })).toBe(1);
    }
  });

  it("rotate for all: the next run brings it to its end everywhere", async () => {
    const deaths = await dieEverywhere("rotate for all");
    await bringRound();
    for (const { set } of deaths) {
      await expectSound(set, [set.next]);
      const { sealed, finishedAt } = await database.db.rotation.findUniqueOrThrow({ where: { id: set.rotationId! } });
      expect({ sealed, finished: finishedAt !== null }).toEqual({ sealed: null, finished: true });
    }
  });

  it("begin renewals: nothing was asked, and the token is renewed later", async () => {
    // They wait for each other's lock, so each has a process of its own.
    const deaths = await dieEverywhere("begin renewals", 1);
    const [anywhere] = deaths as [Death];
    for (const minutes of [3, 70]) await renewTokens(later(minutes), anywhere.set.folder, signal);
    await bringRound();
    for (const { set } of deaths) await expectSound(set, [host.renewed.get(set.old)!]);
  });

  it("renew a token: it is not lost but between the host's answer and the disk, and that is said", async () => {
    const deaths = await dieEverywhere("renew a token");
    const lost: string[] = [];
    for (const { set, step } of deaths) {
      const known =
        (await readAnswers(set.folder)).length + (await database.db.rotation.count({ where: { id: set.rotationId! } }));
      if (host.renewed.has(set.old) && known === 0) lost.push(step);
      await adoptAnswers(base, set.folder);
    }
    for (const minutes of [3, 70]) await renewTokens(later(minutes), deaths[0]!.set.folder, signal);
    await bringRound();
    for (const { set, step } of deaths) {
      const renewed = host.renewed.get(set.old)!;
      // Nobody asked with the old token again, which would have ended the new one.
      expect(host.tokens.has(renewed)).toBe(true);
      if (!lost.includes(step)) {
        await expectSound(set, [renewed]);
        continue;
      }
      expect(await current(set, set.id)).toBe(set.old);
      const { outcome } = await database.db.renewal.findUniqueOrThrow({ where: { id: set.renewal!.id } });
      expect(outcome).toBe("cut_off");
    }
    expect(lost).toEqual(["open", "write"]);
  });

  it("bring a renewed token round: the next run brings it to its end everywhere", async () => {
    const deaths = await dieEverywhere("bring a renewed token round");
    await bringRound();
    for (const { set } of deaths) await expectSound(set, [host.renewed.get(set.old)!]);
  });
});
