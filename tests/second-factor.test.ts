import { Secret, TOTP } from "otpauth";
import { beforeAll, describe, expect, it } from "vitest";
import type { MemberActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { acceptInvitation } from "@/lib/domain/members/accept-invitation";
import { inviteMember } from "@/lib/domain/members/invite-member";
import { issueResetLink } from "@/lib/domain/members/issue-reset-link";
import { resetPassword } from "@/lib/domain/members/reset-password";
import { signIn } from "@/lib/domain/members/sign-in";
import { readSignInRule } from "@/lib/domain/organizations/read-sign-in-rule";
import { requireSecondFactor } from "@/lib/domain/organizations/require-second-factor";
import { beginSecondFactor } from "@/lib/domain/second-factor/begin-second-factor";
import { findProof } from "@/lib/domain/second-factor/proof";
import { readSecondFactor } from "@/lib/domain/second-factor/read-second-factor";
import { renewRecoveryCodes } from "@/lib/domain/second-factor/renew-recovery-codes";
import { turnOffSecondFactor } from "@/lib/domain/second-factor/turn-off-second-factor";
import { turnOnSecondFactor } from "@/lib/domain/second-factor/turn-on-second-factor";
import { beginSession } from "@/lib/domain/sessions/begin-session";
import { finishSignIn } from "@/lib/domain/sessions/finish-sign-in";
import { beginPendingSignIn } from "@/lib/domain/sessions/pending-sign-in";
import { makeContext, makeMember, makeOrganization, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";
import { provedNow } from "./support/proved";

const database = useDatabase();
const PASSWORD = "correct horse battery staple";
const STEP_MS = 30_000;
const NOON = Date.UTC(2030, 0, 1, 12);
const refused = { code: "invalid_request" };
const gone = { code: "not_found" };

let acme: MadeOrganization;
let counter = 0;

beforeAll(async () => {
  acme = await makeOrganization(database.db, "acme");
});

/** What an authenticator app shows at a time. */
const appCode = (secret: string, at: number) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at });

const at = (time: number, actor: MemberActor): Context =>
  makeContext(database.db, actor, { clock: () => new Date(time) });

async function member(role: "owner" | "admin" | "viewer" = "viewer", organization = acme) {
  const email = `f${(counter += 1)}@example.com`;
  return makeMember(database.db, organization, { email, password: PASSWORD, role });
}

const begin = (actor: MemberActor) =>
  beginSecondFactor(at(NOON, actor), { userId: actor.userId, email: actor.email, current: PASSWORD });

const beginWith = async (actor: MemberActor) =>
  beginSession(at(NOON, actor), {
    proved: await provedNow(database.db, actor.userId),
    method: "password",
    address: "::1",
    browser: "Test",
  });

/** Turns on what was begun, at noon, from a fresh session. */
async function turnOn(actor: MemberActor, code: string) {
  const { id: sessionId } = await beginWith(actor);
  return turnOnSecondFactor(at(NOON, actor), { userId: actor.userId, sessionId, code });
}

/** A member whose second factor was turned on at noon. */
async function guarded(role: "owner" | "viewer" = "viewer") {
  const actor = await member(role);
  const made = await begin(actor);
  const { id: sessionId } = await turnOn(actor, appCode(made.secret, NOON));
  return { actor, ...made, sessionId };
}

const signInWith = async (ctx: Context, userId: string, code: string) => {
  const { token } = await beginPendingSignIn(ctx, await provedNow(database.db, userId));
  return finishSignIn(ctx, { token, code });
};

const actionsOf = async (userId: string) =>
  (await database.db.auditEvent.findMany({ where: { targetId: userId }, orderBy: { seq: "asc" } }))
    .map(({ action }) => action)
    .filter((action) => action !== "member.signed_in");

describe("setting up", () => {
  it("takes the password, then a code, and asks nothing of anybody before", async () => {
    const actor = await member();
    const { userId, email } = actor;
    const ctx = at(NOON, actor);
    await expect(beginSecondFactor(ctx, { userId, email, current: "wrong" })).rejects.toMatchObject(refused);
    const { secret, address, recoveryCodes } = await begin(actor);
    expect(address).toContain(`secret=${secret}`);
    expect(new Set(recoveryCodes).size).toBe(10);
    expect(await signIn(ctx, { email, password: PASSWORD })).toMatchObject({ userId, secondFactor: false });
    expect(await readSecondFactor(ctx, { userId })).toMatchObject({ state: "begun", recoveryCodesLeft: 10 });
    await expect(turnOn(actor, "000000")).rejects.toMatchObject(refused);
    await expect(turnOn(actor, recoveryCodes[0]!)).rejects.toMatchObject(refused);
    await turnOn(actor, ` ${appCode(secret, NOON).slice(0, 3)} ${appCode(secret, NOON).slice(3)} `);
    expect(await signIn(ctx, { email, password: PASSWORD })).toMatchObject({ userId, secondFactor: true });
    await expect(turnOn(actor, appCode(secret, NOON))).rejects.toMatchObject(gone);
    await expect(begin(actor)).rejects.toMatchObject({ code: "conflict" });
    expect(await actionsOf(userId)).toEqual(["member.second_factor_on"]);
  });

  it("begun again replaces what was never turned on", async () => {
    const actor = await member();
    const { userId } = actor;
    const first = await begin(actor);
    const second = await begin(actor);
    await expect(turnOn(actor, appCode(first.secret, NOON))).rejects.toMatchObject(refused);
    await turnOn(actor, appCode(second.secret, NOON));
    expect(await database.db.recoveryCode.count({ where: { userId } })).toBe(10);
  });

  it("is over a quarter of an hour after it was begun", async () => {
    const actor = await member();
    const { userId } = actor;
    const { secret } = await begin(actor);
    const { id: sessionId } = await beginWith(actor);
    const late = NOON + 15 * 60_000;
    const ctx = at(late, actor);
    expect(await readSecondFactor(at(late - 1, actor), { userId })).toMatchObject({ state: "begun" });
    expect(await readSecondFactor(ctx, { userId })).toMatchObject({ state: "off" });
    const input = { userId, sessionId, code: appCode(secret, late) };
    await expect(turnOnSecondFactor(ctx, input)).rejects.toMatchObject(gone);
    await turnOnSecondFactor(at(late - 1, actor), { ...input, code: appCode(secret, late - 1) });
  });

  it("ends the sessions that were never asked for a code, and goes on in the browser that turned it on", async () => {
    const actor = await member();
    const { userId } = actor;
    const ctx = at(NOON, actor);
    await beginWith(actor);
    const mine = await beginWith(actor);
    const { secret } = await begin(actor);
    const { id } = await turnOnSecondFactor(ctx, { userId, sessionId: mine.id, code: appCode(secret, NOON) });
    const left = await database.db.session.findMany({ where: { userId }, select: { id: true, method: true } });
    expect(left).toEqual([{ id, method: "password_and_code" }]);
    expect(id).not.toBe(mine.id);
  });

  it("stores the secret sealed and bound to the user, and the recovery codes hashed", async () => {
    const { actor, secret, recoveryCodes } = await guarded();
    const { userId } = actor;
    const row = await database.db.secondFactor.findUniqueOrThrow({ where: { userId } });
    expect(Buffer.from(row.sealed).includes(secret)).toBe(false);
    const hashes = await database.db.recoveryCode.findMany({ where: { userId } });
    for (const { codeHash } of hashes) expect(codeHash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(hashes)).not.toContain(recoveryCodes[0]);
    // Moved to somebody else, it does not open, is no way in, and is on record.
    const thief = await guarded();
    const { masterKeyId, sealed } = row;
    const victim = { userId: thief.actor.userId };
    await database.db.secondFactor.update({ where: victim, data: { masterKeyId, sealed } });
    const later = NOON + 10 * STEP_MS;
    await expect(signInWith(at(later, thief.actor), victim.userId, appCode(secret, later))).rejects.toMatchObject({
      code: "credential_unreadable",
    });
    expect(await actionsOf(victim.userId)).toContain("member.second_factor_unreadable");
  });
});

describe("a code", () => {
  it("is good once: not again, and none before it", async () => {
    const { actor, secret } = await guarded();
    const { userId } = actor;
    // The code that turned it on was used by that.
    await expect(signInWith(at(NOON, actor), userId, appCode(secret, NOON))).rejects.toMatchObject(refused);
    const next = NOON + 2 * STEP_MS;
    const ctx = at(next, actor);
    expect(await signInWith(ctx, userId, appCode(secret, next))).toMatchObject({ userId, method: "code" });
    await expect(signInWith(ctx, userId, appCode(secret, next))).rejects.toMatchObject(refused);
    await expect(signInWith(ctx, userId, appCode(secret, next - STEP_MS))).rejects.toMatchObject(refused);
    // One step ahead is a clock that is a little fast.
    expect(await signInWith(ctx, userId, appCode(secret, next + STEP_MS))).toMatchObject({ userId });
  });

  it("is taken from one of two who send it at once", async () => {
    const { actor, secret } = await guarded();
    const { userId } = actor;
    const ctx = at(NOON + 2 * STEP_MS, actor);
    const code = appCode(secret, NOON + 2 * STEP_MS);
    const answers = await Promise.allSettled([1, 2, 3].map(() => signInWith(ctx, userId, code)));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("of another time, of another user or of no factor at all is wrong", async () => {
    const { actor, secret } = await guarded();
    const other = await guarded();
    const now = NOON + 20 * STEP_MS;
    const ctx = at(now, actor);
    for (const time of [now - 2 * STEP_MS, now + 2 * STEP_MS]) {
      await expect(signInWith(ctx, actor.userId, appCode(secret, time))).rejects.toMatchObject(refused);
    }
    await expect(signInWith(ctx, actor.userId, appCode(other.secret, now))).rejects.toMatchObject(refused);
    const without = await member();
    await expect(findProof(ctx, { userId: without.userId, code: "123456" })).rejects.toMatchObject(refused);
  });

  it("is asked for within ten minutes of the password, and the password serves one sign-in", async () => {
    const { actor, secret, recoveryCodes } = await guarded();
    const { userId } = actor;
    const now = NOON + 40 * STEP_MS;
    const ctx = at(now, actor);
    const { token } = await beginPendingSignIn(ctx, await provedNow(database.db, userId));
    await expect(finishSignIn(ctx, { token, code: "000000" })).rejects.toMatchObject(refused);
    const later = now + 11 * 60_000;
    await expect(finishSignIn(at(later, actor), { token, code: appCode(secret, later) })).rejects.toMatchObject(gone);
    await finishSignIn(ctx, { token, code: appCode(secret, now) });
    await expect(finishSignIn(ctx, { token, code: recoveryCodes[0]! })).rejects.toMatchObject(gone);
    expect(await database.db.recoveryCode.count({ where: { userId } })).toBe(10);
    await expect(finishSignIn(ctx, { token: "", code: recoveryCodes[0]! })).rejects.toMatchObject(gone);
  });
});

describe("a recovery code", () => {
  it("lets in once, however it is typed, and is on record", async () => {
    const { actor, recoveryCodes } = await guarded();
    const other = await guarded();
    const { userId } = actor;
    const ctx = at(NOON, actor);
    const [one, two] = recoveryCodes as [string, string];
    expect(await signInWith(ctx, userId, ` ${one.toUpperCase().replaceAll("-", " ")} `)).toMatchObject({
      userId,
      method: "recovery_code",
    });
    await expect(signInWith(ctx, userId, one)).rejects.toMatchObject(refused);
    await expect(signInWith(ctx, userId, other.recoveryCodes[0]!)).rejects.toMatchObject(refused);
    const both = await Promise.allSettled([two, two].map((code) => signInWith(ctx, userId, code)));
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await readSecondFactor(ctx, { userId })).toMatchObject({ recoveryCodesLeft: 8 });
    expect(await actionsOf(userId)).toEqual([
      "member.second_factor_on",
      "member.recovery_code_used",
      "member.recovery_code_used",
    ]);
  });

  it("is worthless before the factor is on, and after new ones were made", async () => {
    const begun = await member();
    const { recoveryCodes: early } = await begin(begun);
    await expect(signInWith(at(NOON, begun), begun.userId, early[0]!)).rejects.toMatchObject(refused);
    const { actor, secret, recoveryCodes } = await guarded();
    const { userId } = actor;
    const now = NOON + 2 * STEP_MS;
    const ctx = at(now, actor);
    const code = appCode(secret, now);
    const renew = (input: object = {}) => renewRecoveryCodes(ctx, { userId, current: PASSWORD, code, ...input });
    await expect(renew({ current: "wrong" })).rejects.toMatchObject(refused);
    await expect(renew({ code: "000000" })).rejects.toMatchObject(refused);
    await expect(renew({ userId: begun.userId, code: early[0]! })).rejects.toMatchObject(refused);
    const { recoveryCodes: fresh } = await renew();
    await expect(renew()).rejects.toMatchObject(refused);
    await expect(signInWith(ctx, userId, recoveryCodes[0]!)).rejects.toMatchObject(refused);
    await signInWith(ctx, userId, fresh[0]!);
    expect(await actionsOf(userId)).toContain("member.recovery_codes_renewed");
  });
});

describe("turning off", () => {
  it("takes the password and a code, erases everything and leaves a session that counts as one with a password", async () => {
    const { actor, sessionId, secret, recoveryCodes } = await guarded();
    const { userId, email } = actor;
    const now = NOON + 2 * STEP_MS;
    const ctx = at(now, actor);
    const turnOff = (input: object = {}) =>
      turnOffSecondFactor(ctx, { userId, sessionId, current: PASSWORD, code: appCode(secret, now), ...input });
    await expect(turnOff({ current: "wrong" })).rejects.toMatchObject(refused);
    await expect(turnOff({ code: "000000" })).rejects.toMatchObject(refused);
    await expect(turnOff({ sessionId: "ses_ended", code: recoveryCodes[0]! })).rejects.toMatchObject(gone);
    const [used] = recoveryCodes as [string];
    await signInWith(ctx, userId, used);
    await expect(turnOff({ code: used })).rejects.toMatchObject(refused);
    const { id } = await turnOff();
    await expect(turnOff()).rejects.toMatchObject(refused);
    expect(await database.db.secondFactor.count({ where: { userId } })).toBe(0);
    expect(await database.db.recoveryCode.count({ where: { userId } })).toBe(0);
    expect(await signIn(ctx, { email, password: PASSWORD })).toMatchObject({ userId, secondFactor: false });
    const sessions = await database.db.session.findMany({ where: { userId } });
    expect(sessions).toMatchObject([{ id, method: "password" }]);
    expect(id).not.toBe(sessionId);
    expect(await actionsOf(userId)).toEqual([
      "member.second_factor_on",
      "member.recovery_code_used",
      "member.second_factor_off",
    ]);
  });

  it("comes with a reset link, which the operator alone can make", async () => {
    const { actor } = await guarded();
    const { userId, email } = actor;
    const ctx = at(NOON, actor);
    await database.db.identity.create({ data: { issuer: "https://id.example", subject: "1", userId } });
    const { token: pending } = await beginPendingSignIn(ctx, await provedNow(database.db, userId));
    const token = await issueResetLink(ctx, email);
    await resetPassword(ctx, { token, password: "a password after the reset" });
    expect(await signIn(ctx, { email, password: "a password after the reset" })).toMatchObject({
      userId,
      secondFactor: false,
    });
    expect(await database.db.identity.count({ where: { userId } })).toBe(0);
    await expect(finishSignIn(ctx, { token: pending, code: "000000" })).rejects.toMatchObject(gone);
    const off = await database.db.auditEvent.findFirstOrThrow({
      where: { targetId: userId, action: "member.second_factor_off" },
    });
    expect(off).toMatchObject({ actorKind: "system", actor: "reset link" });
  });
});

describe("an organization that asks for one", () => {
  it("is made so by an owner who has one, and says who has none", async () => {
    const place = await makeOrganization(database.db, "strict");
    const owner = await member("owner", place);
    const admin = await member("admin", place);
    const ctx = at(NOON, owner);
    const forbidden = { code: "forbidden" };
    await expect(requireSecondFactor(at(NOON, admin), { required: true })).rejects.toMatchObject(forbidden);
    await expect(readSignInRule(at(NOON, admin))).rejects.toMatchObject(forbidden);
    await expect(requireSecondFactor(ctx, { required: true })).rejects.toMatchObject({ code: "conflict" });
    const { secret } = await begin(owner);
    await expect(requireSecondFactor(ctx, { required: true })).rejects.toMatchObject({ code: "conflict" });
    await turnOn(owner, appCode(secret, NOON));
    await requireSecondFactor(ctx, { required: true });
    await requireSecondFactor(ctx, { required: true });
    expect(await readSignInRule(ctx)).toEqual({
      secondFactorRequired: true,
      members: 2,
      without: { count: 1, emails: [admin.email] },
    });
    await requireSecondFactor(ctx, { required: false });
    const events = await database.db.auditEvent.findMany({
      where: { organizationId: place.id, action: "organization.second_factor_rule_changed" },
    });
    expect(events).toHaveLength(2);
  });
});

it("an invitation's password does not go around it", async () => {
  const { actor } = await guarded();
  const other = await makeOrganization(database.db, "inviting");
  const ctx = at(NOON, await member("owner", other));
  const { token } = await inviteMember(ctx, { email: actor.email, role: "viewer" });
  expect(await acceptInvitation(ctx, { token, password: PASSWORD })).toMatchObject({
    userId: actor.userId,
    secondFactor: true,
  });
});
