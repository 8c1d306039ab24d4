import { beforeAll, describe, expect, it } from "vitest";
import { acceptInvitation } from "@/lib/domain/members/accept-invitation";
import { inviteMember } from "@/lib/domain/members/invite-member";
import { issueResetLink } from "@/lib/domain/members/issue-reset-link";
import { oneTimeLinkIsGood } from "@/lib/domain/members/one-time-link";
import { signIn } from "@/lib/domain/members/sign-in";
import { signInWithIdentity } from "@/lib/domain/members/sign-in-with-identity";
import { withdrawInvitation } from "@/lib/domain/members/withdraw-invitation";
import { listMembers } from "@/lib/domain/members/list-members";
import { beginSecondFactor } from "@/lib/domain/second-factor/begin-second-factor";
import { beginSession } from "@/lib/domain/sessions/begin-session";
import { findSession } from "@/lib/domain/sessions/find-session";
import { beginPendingSignIn, findPendingSignIn } from "@/lib/domain/sessions/pending-sign-in";
import type { Context, Transaction } from "@/lib/domain/context";
import { makeContext, makeMember, makeOrganization, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";
import { provedNow } from "./support/proved";
import { someoneWaits } from "./support/someone-waits";

const database = useDatabase();
const ISSUER = "https://id.example.com";
const PASSWORD = "correct horse battery staple";
let acme: MadeOrganization;
let owner: Context;
let counter = 0;

beforeAll(async () => {
  acme = await makeOrganization(database.db, "acme");
  owner = makeContext(
    database.db,
    await makeMember(database.db, acme, { email: "owner@example.com", password: PASSWORD, role: "owner" }),
  );
});

const address = () => `i${(counter += 1)}@example.com`;
const identity = (email: string, subject = email, emailVerified: unknown = true) => ({
  issuer: ISSUER,
  subject,
  email,
  emailVerified,
});
const enter = (...given: Parameters<typeof identity>) => signInWithIdentity(owner, identity(...given));
const everything = () =>
  Promise.all([
    database.db.user.findMany({ orderBy: { id: "asc" } }),
    database.db.identity.findMany({ orderBy: { subject: "asc" } }),
    database.db.membership.findMany({ orderBy: { userId: "asc" } }),
    database.db.invitation.findMany({ orderBy: { id: "asc" } }),
    database.db.auditEvent.count(),
  ]);

describe("single sign-on", () => {
  it("lets in who was invited, without a password, and accepts every invitation of that address", async () => {
    const email = address();
    const second = await makeOrganization(database.db, "second");
    const boss = await makeMember(database.db, second, {
      email: "boss@example.com",
      password: PASSWORD,
      role: "owner",
    });
    await inviteMember(owner, { email, role: "admin" });
    await inviteMember(makeContext(database.db, boss), { email, role: "viewer" });
    const { userId } = await enter(email.toUpperCase(), "subject-1");
    const memberships = await database.db.membership.findMany({ where: { userId }, orderBy: { role: "asc" } });
    expect(memberships.map(({ organizationId, role }) => [organizationId, role])).toEqual([
      [acme.id, "admin"],
      [second.id, "viewer"],
    ]);
    expect((await listMembers(owner)).invitations.map((open) => open.email)).not.toContain(email);
    // There is no password, so none is right.
    await expect(signIn(owner, { email, password: "" })).rejects.toMatchObject({ code: "invalid_request" });
    const events = await database.db.auditEvent.findMany({
      where: { targetId: userId, organizationId: acme.id },
      orderBy: { seq: "asc" },
    });
    expect(events.map(({ action }) => action)).toEqual(["member.joined", "member.identity_linked"]);
    expect(await enter(email, "subject-1")).toMatchObject({ userId });
  });

  it("links a member once, and goes by the subject from then on", async () => {
    const { userId, email } = await makeMember(database.db, acme, {
      email: address(),
      password: PASSWORD,
      role: "viewer",
    });
    expect(await enter(email, "subject-2")).toMatchObject({ userId });
    // Their address changed at the provider; they are the same person.
    expect(await enter(address(), "subject-2")).toMatchObject({ userId });
    const before = await everything();
    // The address was given to somebody else there.
    await expect(enter(email, "subject-3")).rejects.toMatchObject({ reason: "other_subject" });
    expect(await everything()).toEqual(before);
    // Another issuer is another provider, which the operator chose.
    expect(
      await signInWithIdentity(owner, { ...identity(email, "subject-3"), issuer: "https://other.example" }),
    ).toMatchObject({
      userId,
    });
  });

  it("takes everything away from whoever chose a password under the address before, and says so", async () => {
    const email = address();
    // An admin of an organization opens the link that he made for somebody else.
    const { token } = await inviteMember(owner, { email, role: "admin" });
    const { userId } = await acceptInvitation(owner, { token, password: PASSWORD });
    const proved = await provedNow(database.db, userId);
    const { id } = await beginSession(owner, { proved, method: "password", address: "192.0.2.7", browser: "Firefox" });
    const { token: pending } = await beginPendingSignIn(owner, proved);
    await beginSecondFactor(owner, { userId, email, current: PASSWORD });
    await database.db.secondFactor.update({ where: { userId }, data: { confirmedAt: new Date() } });
    const link = await issueResetLink(owner, email);

    const now = await enter(email);
    expect(now.userId).toBe(userId);
    await expect(signIn(owner, { email, password: PASSWORD })).rejects.toMatchObject({ code: "invalid_request" });
    expect(await findSession(owner, { id, userId })).toBeNull();
    expect(await findPendingSignIn(owner, pending)).toBeNull();
    expect(await oneTimeLinkIsGood(owner, "reset", link)).toBe(false);
    expect(await database.db.secondFactor.count({ where: { userId } })).toBe(0);
    const events = await database.db.auditEvent.findMany({ where: { targetId: userId }, orderBy: { seq: "asc" } });
    expect(events.map(({ action, actor }) => [action, actor])).toEqual([
      ["member.joined", email],
      ["member.signed_in", email],
      ["member.reset_link_issued", "npm run admin"],
      ["member.password_removed", "single sign-on"],
      ["member.second_factor_off", "single sign-on"],
      ["member.identity_linked", email],
    ]);

    // What begins after the link stays.
    const { id: theirs } = await beginSession(owner, {
      proved: now,
      method: "single_sign_on",
      address: "192.0.2.8",
      browser: "Firefox",
    });
    await enter(email);
    expect(await findSession(owner, { id: theirs, userId })).not.toBeNull();
  });

  it("adds nobody to an organization who is a member of another", async () => {
    const member = await makeMember(database.db, acme, { email: address(), password: PASSWORD, role: "viewer" });
    const third = await makeOrganization(database.db, "third");
    const boss = await makeMember(database.db, third, { email: address(), password: PASSWORD, role: "owner" });
    await inviteMember(makeContext(database.db, boss), { email: member.email, role: "viewer" });
    await enter(member.email);
    await enter(member.email);
    const memberships = await database.db.membership.findMany({ where: { userId: member.userId } });
    expect(memberships.map(({ organizationId }) => organizationId)).toEqual([acme.id]);
    expect((await listMembers(makeContext(database.db, boss))).invitations).toMatchObject([{ email: member.email }]);
  });

  it("refuses who is unknown, was removed, or whose invitation is no longer open, and writes nothing", async () => {
    const late = address();
    await inviteMember(owner, { email: late, role: "viewer" });
    const { invitations } = await listMembers(owner);
    await withdrawInvitation(owner, { id: invitations.find(({ email }) => email === late)!.id });
    const overdue = address();
    await inviteMember(owner, { email: overdue, role: "viewer" });
    const removed = await makeMember(database.db, acme, { email: address(), password: PASSWORD, role: "viewer" });
    await enter(removed.email);
    await database.db.membership.deleteMany({ where: { userId: removed.userId } });
    const before = await everything();
    const nextWeek = { ...owner, clock: () => new Date(Date.now() + 8 * 24 * 60 * 60 * 1000) };
    for (const attempt of [
      () => enter(address()),
      () => enter(late),
      () => signInWithIdentity(nextWeek, identity(overdue)),
      () => enter(removed.email),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ reason: "unknown" });
    }
    expect(await everything()).toEqual(before);
  });

  it.each([[false], [undefined], ["true"], [1], [null]])("refuses an address that is %j verified", async (verified) => {
    const email = address();
    await inviteMember(owner, { email, role: "viewer" });
    const before = await everything();
    const given = { ...identity(email), emailVerified: verified };
    await expect(signInWithIdentity(owner, given)).rejects.toMatchObject({ reason: "unverified" });
    await expect(signInWithIdentity(owner, { ...given, emailVerified: true, email: undefined })).rejects.toMatchObject({
      reason: "unverified",
    });
    expect(await everything()).toEqual(before);
  });

  it("makes one user of two first sign-ins at once", async () => {
    const email = address();
    await inviteMember(owner, { email, role: "viewer" });
    const [one, two] = await Promise.all([enter(email), enter(email)]);
    expect(one).toEqual(two);
    expect(await database.db.identity.count({ where: { userId: one.userId } })).toBe(1);
    const joined = { targetId: one.userId, action: "member.joined" };
    expect(await database.db.auditEvent.count({ where: joined })).toBe(1);
  });

  it("takes all the chains that it records in in one order, whichever invitation was first", async () => {
    const [first, last] = (
      await Promise.all(["taken-1", "taken-2"].map((slug) => makeOrganization(database.db, slug)))
    ).sort((one, two) => (one.id < two.id ? -1 : 1));
    const email = address();
    for (const organization of [last!, first!]) {
      const boss = await makeMember(database.db, organization, { email: address(), password: PASSWORD, role: "owner" });
      await inviteMember(makeContext(database.db, boss), { email, role: "viewer" });
    }
    const holding = async (tx: Transaction) => {
      await tx.$queryRaw`SELECT 1 FROM audit_chain WHERE organization_id = ${first!.id} FOR NO KEY UPDATE`;
      const entering = enter(email);
      await someoneWaits(database.db);
      const free = await tx.$queryRaw`
        SELECT 1 FROM audit_chain WHERE organization_id = ${last!.id} FOR NO KEY UPDATE SKIP LOCKED`;
      expect(free).toHaveLength(1);
      return { entering };
    };
    const { entering } = await database.db.$transaction(holding, { timeout: 25_000 });
    await entering;
    for (const { id: organizationId } of [first!, last!]) {
      const linked = { organizationId, action: "member.identity_linked" };
      expect(await database.db.auditEvent.count({ where: linked })).toBe(1);
    }
  });
});
