import { PrismaPg } from "@prisma/adapter-pg";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MemberActor } from "@/lib/domain/access/actor";
import { changePassword } from "@/lib/domain/members/change-password";
import { issueResetLink } from "@/lib/domain/members/issue-reset-link";
import type { Proved } from "@/lib/domain/members/lock-user";
import { resetPassword } from "@/lib/domain/members/reset-password";
import { signIn } from "@/lib/domain/members/sign-in";
import { signInWithIdentity } from "@/lib/domain/members/sign-in-with-identity";
import { beginSecondFactor } from "@/lib/domain/second-factor/begin-second-factor";
import { turnOffSecondFactor } from "@/lib/domain/second-factor/turn-off-second-factor";
import { turnOnSecondFactor } from "@/lib/domain/second-factor/turn-on-second-factor";
import { beginSession, type SignedInWith } from "@/lib/domain/sessions/begin-session";
import { endSessions } from "@/lib/domain/sessions/end-sessions";
import { finishSignIn } from "@/lib/domain/sessions/finish-sign-in";
import { beginPendingSignIn } from "@/lib/domain/sessions/pending-sign-in";
import { signOut } from "@/lib/domain/sessions/sign-out";
import { PrismaClient } from "@/lib/platform/prisma-client/client";
import { makeContext, makeMember, makeOrganization, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";
import { holdChain } from "./support/held-chain";
import { provedNow } from "./support/proved";

// What lets somebody in, and a change that outdates it, in every order: a password that was replaced never wins.

const database = useDatabase();
const PASSWORD = "correct horse battery staple";
const NEW_PASSWORD = "a password after the change";
const ISSUER = "https://id.example.com";
const outdated = { code: "conflict" };
/** Its transactions may stand still for longer than the product's. */
let patient: PrismaClient;
let acme: MadeOrganization;
let counter = 0;

beforeAll(async () => {
  const adapter = new PrismaPg({ connectionString: database.url });
  patient = new PrismaClient({ adapter, transactionOptions: { timeout: 20_000, maxWait: 20_000 } });
  acme = await makeOrganization(database.db, "acme");
});

afterAll(() => patient.$disconnect());

const as = (actor: MemberActor) => makeContext(patient, actor);
const member = () =>
  makeMember(database.db, acme, { email: `p${(counter += 1)}@example.com`, password: PASSWORD, role: "viewer" });
const appCode = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
const begin = (actor: MemberActor, proved: Proved, method: SignedInWith = "password") =>
  beginSession(as(actor), { proved, method, address: "192.0.2.7", browser: "Firefox on Linux" });
const prove = (actor: MemberActor) => signIn(as(actor), { email: actor.email, password: PASSWORD });
const sessionsOf = async ({ userId }: MemberActor) =>
  (await database.db.session.findMany({ where: { userId } })).map(({ id, method }) => ({ id, method }));

/** A member who is signed in, and what they prepare for each change. */
async function prepared(change: keyof typeof CHANGES) {
  const actor = await member();
  const { id: sessionId } = await begin(actor, await prove(actor));
  return { actor, sessionId, run: await CHANGES[change](actor, sessionId) };
}

/** Each is got ready, and then done. */
const CHANGES = {
  "a change of the password": (actor: MemberActor, sessionId: string) =>
    Promise.resolve(() =>
      changePassword(as(actor), { userId: actor.userId, sessionId, current: PASSWORD, password: NEW_PASSWORD }),
    ),
  "a reset": async (actor: MemberActor) => {
    const token = await issueResetLink(as(actor), actor.email);
    return () => resetPassword(as(actor), { token, password: NEW_PASSWORD });
  },
  "a second factor that is turned on": async (actor: MemberActor, sessionId: string) => {
    const { userId, email } = actor;
    const { secret } = await beginSecondFactor(as(actor), { userId, email, current: PASSWORD });
    return () => turnOnSecondFactor(as(actor), { userId, sessionId, code: appCode(secret) });
  },
} as const;
const NAMES = Object.keys(CHANGES) as (keyof typeof CHANGES)[];

describe.each(NAMES)("%s", (change) => {
  it("outdates a password that was proved before it", async () => {
    const { actor, run } = await prepared(change);
    const proved = await prove(actor);
    await run();
    const left = await sessionsOf(actor);
    await expect(begin(actor, proved)).rejects.toMatchObject(outdated);
    await expect(beginPendingSignIn(as(actor), proved)).rejects.toMatchObject(outdated);
    expect(await sessionsOf(actor)).toEqual(left);
    expect(await database.db.pendingSignIn.count({ where: { userId: actor.userId } })).toBe(0);
  });

  it("keeps a session out that begins while it is about to be done", async () => {
    const { actor, run } = await prepared(change);
    const proved = await prove(actor);
    const chain = await holdChain(database.url, acme.id);
    const changing = run();
    await chain.standing(1);
    const beginning = expect(begin(actor, proved)).rejects.toMatchObject(outdated);
    await chain.standing(2);
    await chain.release();
    await Promise.all([changing, beginning]);
  });

  it("ends a session that is about to begin when it comes", async () => {
    const { actor, run } = await prepared(change);
    const proved = await prove(actor);
    const chain = await holdChain(database.url, acme.id);
    const beginning = begin(actor, proved);
    await chain.standing(1);
    const changing = run();
    await chain.standing(2);
    await chain.release();
    const { id } = await beginning;
    await changing;
    expect(await sessionsOf(actor)).not.toContainEqual(expect.objectContaining({ id }));
  });

  it("leaves one session at most, in the browser that it was made in, under another id", async () => {
    const { actor, sessionId, run } = await prepared(change);
    await begin(actor, await prove(actor));
    const renewed = await run();
    const here = "id" in renewed;
    expect(here).toBe(change !== "a reset");
    const method = change === "a second factor that is turned on" ? "password_and_code" : "password";
    expect(await sessionsOf(actor)).toEqual(here ? [{ id: renewed.id, method }] : []);
    expect(here && renewed.id).not.toBe(sessionId);
  });
});

describe("a password", () => {
  it("that is being reset is not changed by the old one meanwhile", async () => {
    const { actor, sessionId, run: reset } = await prepared("a reset");
    const chain = await holdChain(database.url, acme.id);
    const resetting = reset();
    await chain.standing(1);
    const input = { userId: actor.userId, sessionId, current: PASSWORD, password: "what a thief would have it be" };
    const changing = expect(changePassword(as(actor), input)).rejects.toMatchObject(outdated);
    await chain.standing(2);
    await chain.release();
    await Promise.all([resetting, changing]);
    expect(await signIn(as(actor), { email: actor.email, password: NEW_PASSWORD })).toMatchObject({
      userId: actor.userId,
    });
    expect(await sessionsOf(actor)).toEqual([]);
  });

  it("and a second factor are not changed from a session that was ended", async () => {
    const ended = { code: "not_found" };
    for (const change of ["a change of the password", "a second factor that is turned on"] as const) {
      const { actor, sessionId, run } = await prepared(change);
      await database.db.session.delete({ where: { id: sessionId } });
      await expect(run()).rejects.toMatchObject(ended);
      expect(await prove(actor)).toMatchObject({ secondFactor: false });
    }
  });
});

describe("a session that is about to end", () => {
  it.each(["by a sign-out", "by its user elsewhere"])("%s does not go on with another password", async (how) => {
    const { actor, sessionId, run: change } = await prepared("a change of the password");
    const { userId } = actor;
    const chain = await holdChain(database.url, acme.id);
    const ending =
      how === "by a sign-out"
        ? signOut(as(actor), { userId, sessionId })
        : endSessions(as(actor), { userId, id: sessionId });
    await chain.standing(1);
    const changing = expect(change()).rejects.toMatchObject({ code: "not_found" });
    await chain.standing(2);
    await chain.release();
    await Promise.all([ending, changing]);
    expect(await sessionsOf(actor)).toEqual([]);
  });
});

describe("a second factor", () => {
  /** A member whose second factor is on: what their app holds, and a code in its stead. */
  async function guarded() {
    const actor = await member();
    const { userId, email } = actor;
    const { id: sessionId } = await begin(actor, await prove(actor));
    const { secret, recoveryCodes } = await beginSecondFactor(as(actor), { userId, email, current: PASSWORD });
    const { id } = await turnOnSecondFactor(as(actor), { userId, sessionId, code: appCode(secret) });
    return { actor, sessionId: id, recoveryCodes };
  }

  it("that is turned off outdates a sign-in whose code was right, and one that waits for it", async () => {
    const { actor, sessionId, recoveryCodes } = await guarded();
    const { userId } = actor;
    const [one, two, three] = recoveryCodes as [string, string, string];
    const { token } = await beginPendingSignIn(as(actor), await prove(actor));
    const { token: waiting } = await beginPendingSignIn(as(actor), await prove(actor));
    const proved = await finishSignIn(as(actor), { token, code: one });
    expect(proved).toEqual({ ...(await provedNow(database.db, userId)), method: "recovery_code" });
    await turnOffSecondFactor(as(actor), { userId, sessionId, current: PASSWORD, code: two });
    await expect(begin(actor, proved, "recovery_code")).rejects.toMatchObject(outdated);
    await expect(finishSignIn(as(actor), { token: waiting, code: three })).rejects.toMatchObject({ code: "not_found" });
    expect(await sessionsOf(actor)).toMatchObject([{ method: "password" }]);
  });

  it("that is being reset away takes no code meanwhile", async () => {
    const { actor, recoveryCodes } = await guarded();
    const reset = await CHANGES["a reset"](actor);
    const { token } = await beginPendingSignIn(as(actor), await prove(actor));
    const chain = await holdChain(database.url, acme.id);
    const resetting = reset();
    await chain.standing(1);
    const finishing = expect(finishSignIn(as(actor), { token, code: recoveryCodes[0]! })).rejects.toMatchObject({
      code: "not_found",
    });
    await chain.standing(2);
    await chain.release();
    await Promise.all([resetting, finishing]);
    expect(await sessionsOf(actor)).toEqual([]);
  });
});

describe("single sign-on", () => {
  it("is outdated by a reset, which undoes its link, too", async () => {
    const { actor } = await prepared("a reset");
    const identity = { issuer: ISSUER, subject: actor.email, email: actor.email, emailVerified: true };
    for (const _ of ["the first time", "by its link"]) {
      expect(await signInWithIdentity(as(actor), identity)).toEqual(await provedNow(database.db, actor.userId));
    }
    const proved = await signInWithIdentity(as(actor), identity);
    // The link that was there before ended with the password, which nobody had verified.
    const reset = await CHANGES["a reset"](actor);
    await reset();
    await expect(begin(actor, proved, "single_sign_on")).rejects.toMatchObject(outdated);
    expect(await sessionsOf(actor)).toEqual([]);
  });
});
