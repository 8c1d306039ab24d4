import { verify } from "@node-rs/argon2";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { MemberActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { acceptInvitation } from "@/lib/domain/members/accept-invitation";
import { acceptInvitationAs } from "@/lib/domain/members/accept-invitation-as";
import { changePassword } from "@/lib/domain/members/change-password";
import { changeRole } from "@/lib/domain/members/change-role";
import { findJoined } from "@/lib/domain/members/find-joined";
import { inviteMember } from "@/lib/domain/members/invite-member";
import { issueResetLink } from "@/lib/domain/members/issue-reset-link";
import { issueSetupLink } from "@/lib/domain/members/issue-setup-link";
import { listMembers } from "@/lib/domain/members/list-members";
import { oneTimeLinkIsGood } from "@/lib/domain/members/one-time-link";
import { removeMember } from "@/lib/domain/members/remove-member";
import { resetPassword } from "@/lib/domain/members/reset-password";
import { signIn } from "@/lib/domain/members/sign-in";
import { withdrawInvitation } from "@/lib/domain/members/withdraw-invitation";
import { beginSecondFactor } from "@/lib/domain/second-factor/begin-second-factor";
import { beginPendingSignIn, findPendingSignIn } from "@/lib/domain/sessions/pending-sign-in";
import { setUp } from "@/lib/domain/organizations/set-up";
import { makeContext, makeMember, makeOrganization, makeRepository, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";
import { provedNow } from "./support/proved";
import { Steps, steppingDatabase } from "./support/steps";

// The library itself, watched: what is compared with what cannot be seen from outside.
vi.mock("@node-rs/argon2", { spy: true });

const database = useDatabase();
const PASSWORD = "correct horse battery staple";
let acme: MadeOrganization;
let other: MadeOrganization;
let counter = 0;

beforeAll(async () => {
  acme = await makeOrganization(database.db, "acme");
  other = await makeOrganization(database.db, "other");
});

const member = (role: "owner" | "admin" | "viewer", organization = acme) =>
  makeMember(database.db, organization, { email: `m${(counter += 1)}@example.com`, password: PASSWORD, role });
const as = (actor: MemberActor): Context => makeContext(database.db, actor);
const later = (days: number) => ({ clock: () => new Date(Date.now() + days * 24 * 60 * 60 * 1000) });

describe("setting up", () => {
  it("is offered while nobody can sign in, and then never again", async () => {
    const db = database.db;
    await db.user.deleteMany();
    const ctx = makeContext(
      db,
      await Promise.resolve({ kind: "system", name: "t", organizationId: "", organizationSlug: "" }),
    );
    const stale = await issueSetupLink(ctx);
    const token = await issueSetupLink(ctx);
    const input = { organization: "first", email: "first@example.com", password: PASSWORD };
    await expect(setUp(ctx, { ...input, token: stale! })).rejects.toMatchObject({ code: "not_found" });
    await expect(setUp({ ...ctx, ...later(2) }, { ...input, token: token! })).rejects.toMatchObject({
      code: "not_found",
    });
    // A name that is taken leaves the link good.
    await expect(setUp(ctx, { ...input, organization: "acme", token: token! })).rejects.toMatchObject({
      code: "conflict",
    });
    await setUp(ctx, { ...input, token: token! });
    await expect(setUp(ctx, { ...input, organization: "second", token: token! })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await issueSetupLink(ctx)).toBeUndefined();
  });
});

describe("an invitation", () => {
  it("lets one person in once, under the invited address and role", async () => {
    const ctx = as(await member("owner"));
    const { token } = await inviteMember(ctx, { email: "new@example.com", role: "admin" });
    await acceptInvitation(ctx, { token, password: PASSWORD });
    await expect(acceptInvitation(ctx, { token, password: PASSWORD })).rejects.toMatchObject({ code: "not_found" });
    const { members } = await listMembers(ctx);
    expect(members.find(({ email }) => email === "new@example.com")?.role).toBe("admin");
    await expect(inviteMember(ctx, { email: "new@example.com", role: "viewer" })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("asks somebody who can sign in already for their own password", async () => {
    const guest = await member("viewer", other);
    const ctx = as(await member("owner"));
    const { token } = await inviteMember(ctx, { email: guest.email, role: "viewer" });
    await expect(acceptInvitation(ctx, { token, password: "a password of my own" })).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect(await acceptInvitation(ctx, { token, password: PASSWORD })).toMatchObject({ userId: guest.userId });
  });

  it("lets nobody in who has yet to give a code, and then the one who is signed in", async () => {
    const guest = await member("viewer", other);
    const { userId } = guest;
    const ctx = as(await member("owner"));
    const { token } = await inviteMember(ctx, { email: guest.email, role: "viewer" });
    await beginSecondFactor(ctx, { userId, email: guest.email, current: PASSWORD });
    await database.db.secondFactor.update({ where: { userId }, data: { confirmedAt: new Date() } });
    expect(await acceptInvitation(ctx, { token, password: PASSWORD })).toMatchObject({ userId, secondFactor: true });
    const joined = () => database.db.membership.count({ where: { userId, organizationId: acme.id } });
    expect(await joined()).toBe(0);
    const stranger = await member("viewer", other);
    await expect(acceptInvitationAs(ctx, { token, userId: stranger.userId })).rejects.toMatchObject({
      code: "forbidden",
    });
    const mine = { token, userId, email: guest.email };
    expect(await findJoined(ctx, mine)).toBeNull();
    expect(await acceptInvitationAs(ctx, { token, userId })).toEqual({ organization: acme.slug });
    expect(await joined()).toBe(1);
    await expect(acceptInvitationAs(ctx, { token, userId })).rejects.toMatchObject({ code: "not_found" });
    // The link still leads its user there, and nobody else.
    expect(await findJoined(ctx, mine)).toEqual({ organization: acme.slug });
    expect(await findJoined(ctx, { token, userId: stranger.userId, email: stranger.email })).toBeNull();
    await removeMember(ctx, { userId });
    expect(await findJoined(ctx, mine)).toBeNull();
  });

  it("ends with a newer one, after seven days, and when it is withdrawn", async () => {
    const ctx = as(await member("owner"));
    const invite = () => inviteMember(ctx, { email: "late@example.com", role: "viewer" });
    const first = await invite();
    const second = await invite();
    const gone = { code: "not_found" };
    await expect(acceptInvitation(ctx, { token: first.token, password: PASSWORD })).rejects.toMatchObject(gone);
    await expect(
      acceptInvitation({ ...ctx, ...later(8) }, { token: second.token, password: PASSWORD }),
    ).rejects.toMatchObject(gone);
    const { invitations } = await listMembers(ctx);
    const open = invitations.find(({ email }) => email === "late@example.com")!;
    await expect(withdrawInvitation(as(await member("owner", other)), { id: open.id })).rejects.toMatchObject(gone);
    await withdrawInvitation(ctx, { id: open.id });
    await expect(acceptInvitation(ctx, { token: second.token, password: PASSWORD })).rejects.toMatchObject(gone);
  });

  it("is one of 500 at most, members among them, also when invited at once", async () => {
    const crowded = await makeOrganization(database.db, "crowded");
    const ctx = as(await member("owner", crowded));
    const waiting = { organizationId: crowded.id, role: "viewer" as const, invitedBy: "ada@example.com" };
    await database.db.invitation.createMany({
      data: Array.from({ length: 497 }, (_, number) => ({
        ...waiting,
        id: `inv_${number}`,
        email: `guest-${number}@example.com`,
        tokenHash: `hash ${number}`,
        expiresAt: new Date(Date.now() + 86_400_000),
      })),
    });
    // One that has ended is not counted, and the same person once more is one.
    await database.db.invitation.updateMany({ where: { id: "inv_0" }, data: { expiresAt: new Date(0) } });
    const invite = (name: number) => inviteMember(ctx, { email: `late-${name}@example.com`, role: "viewer" });
    const invited = await Promise.allSettled(Array.from({ length: 6 }, (_, name) => invite(name)));
    expect(invited.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    await expect(invite(9)).rejects.toMatchObject({ code: "conflict" });
    await inviteMember(ctx, { email: "guest-1@example.com", role: "viewer" });
  });

  it("is taken by one of two who use it at once", async () => {
    const ctx = as(await member("owner"));
    const { token } = await inviteMember(ctx, { email: "twice@example.com", role: "viewer" });
    const answers = await Promise.allSettled([1, 2].map(() => acceptInvitation(ctx, { token, password: PASSWORD })));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});

describe("roles", () => {
  it("let viewers manage nobody, and admins everybody but owners", async () => {
    const viewer = as(await member("viewer"));
    const admin = as(await member("admin"));
    const owner = as(await member("owner"));
    const target = await member("viewer");
    const boss = await member("owner");
    const forbidden = { code: "forbidden" };
    await expect(inviteMember(viewer, { email: "x@example.com", role: "viewer" })).rejects.toMatchObject(forbidden);
    await expect(changeRole(viewer, { userId: target.userId, role: "admin" })).rejects.toMatchObject(forbidden);
    await expect(removeMember(viewer, { userId: target.userId })).rejects.toMatchObject(forbidden);
    await expect(inviteMember(admin, { email: "x@example.com", role: "owner" })).rejects.toMatchObject(forbidden);
    await expect(changeRole(admin, { userId: target.userId, role: "owner" })).rejects.toMatchObject(forbidden);
    await expect(changeRole(admin, { userId: boss.userId, role: "viewer" })).rejects.toMatchObject(forbidden);
    await expect(removeMember(admin, { userId: boss.userId })).rejects.toMatchObject(forbidden);
    await changeRole(admin, { userId: target.userId, role: "admin" });
    await changeRole(owner, { userId: target.userId, role: "owner" });
    await removeMember(owner, { userId: target.userId });
    await expect(removeMember(owner, { userId: target.userId })).rejects.toMatchObject({ code: "not_found" });
  });

  it("reach nobody in another organization", async () => {
    const stranger = await member("viewer", other);
    const owner = as(await member("owner"));
    await expect(changeRole(owner, { userId: stranger.userId, role: "admin" })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(removeMember(owner, { userId: stranger.userId })).rejects.toMatchObject({ code: "not_found" });
  });

  it("end with the invitations that they allowed: all of a removed member's, a demoted one's to more than they are", async () => {
    const owner = await member("owner");
    const boss = as(owner);
    const [demoted, removed] = [await member("owner"), await member("owner")];
    const roles = ["owner", "admin", "viewer"] as const;
    for (const inviter of [demoted, removed]) {
      for (const role of roles) await inviteMember(as(inviter), { email: `${role}-by-${inviter.email}`, role });
    }
    const mine = await inviteMember(boss, { email: "mine@example.com", role: "owner" });
    const open = async ({ email: inviter }: MemberActor) => {
      const { invitations } = await listMembers(boss);
      const theirs = invitations.filter(({ email }) => email.endsWith(`-by-${inviter}`));
      return theirs.map(({ role }) => role).sort();
    };
    expect(await open(demoted)).toEqual(["admin", "owner", "viewer"]);
    await changeRole(boss, { userId: demoted.userId, role: "admin" });
    expect(await open(demoted)).toEqual(["admin", "viewer"]);
    await changeRole(boss, { userId: demoted.userId, role: "viewer" });
    expect(await open(demoted)).toEqual(["viewer"]);
    expect(await open(removed)).toEqual(["admin", "owner", "viewer"]);
    await removeMember(boss, { userId: removed.userId });
    expect(await open(removed)).toEqual([]);
    const events = { action: "member.invitation_withdrawn", actor: owner.email };
    const withdrawn = await database.db.auditEvent.count({ where: events });
    expect(withdrawn).toBe(1 + 1 + 3);
    await acceptInvitation(boss, { token: mine.token, password: PASSWORD });
  });

  it("count as they are when the change is made, not when it was asked for", async () => {
    const boss = as(await member("owner"));
    const [demoted, removed, target] = [await member("owner"), await member("admin"), await member("viewer")];
    await changeRole(boss, { userId: demoted.userId, role: "admin" });
    await removeMember(boss, { userId: removed.userId });
    const forbidden = { code: "forbidden" };
    const invitation = { email: "again@example.com", role: "owner" as const };
    await expect(inviteMember(as(demoted), invitation)).rejects.toMatchObject(forbidden);
    await expect(inviteMember(as(removed), { ...invitation, role: "viewer" })).rejects.toMatchObject(forbidden);
    await expect(changeRole(as(demoted), { userId: target.userId, role: "owner" })).rejects.toMatchObject(forbidden);
    await expect(changeRole(as(removed), { userId: target.userId, role: "admin" })).rejects.toMatchObject(forbidden);
    await expect(removeMember(as(removed), { userId: target.userId })).rejects.toMatchObject(forbidden);
  });

  it("leave an owner, even when two owners remove each other at once", async () => {
    const pair = await makeOrganization(database.db, "pair");
    const [one, two] = [await member("owner", pair), await member("owner", pair)];
    const answers = await Promise.allSettled([
      removeMember(as(one), { userId: two.userId }),
      removeMember(as(two), { userId: one.userId }),
    ]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await database.db.membership.count({ where: { organizationId: pair.id, role: "owner" } })).toBe(1);
  });
});

describe("changes of members", () => {
  it("hold up nothing that is put on record meanwhile, and wait for it themselves", async () => {
    const owner = as(await member("owner"));
    const { userId } = await member("viewer");
    const { id: repository } = await makeRepository(database.db, acme, "rotated");
    const { id } = await createCredential(owner, { repository, username: "git", password: "first" });
    let rotations = 0;
    const rotate = () => rotateCredential(owner, { id, username: "git", password: `next-${(rotations += 1)}` });
    // Between locking the members and writing the change: what it locked must not stand in the way of the chain's holder.
    const db = database.db.$extends({
      query: {
        async $queryRaw({ args, query }): Promise<unknown> {
          const answer: unknown = await query(args);
          if (args.sql.includes("FROM organization WHERE id")) await rotate();
          return answer;
        },
      },
    }) as unknown as Context["db"];
    const ctx = { ...owner, db };
    await changeRole(ctx, { userId, role: "admin" });
    await inviteMember(ctx, { email: "meanwhile@example.com", role: "viewer" });
    await removeMember(ctx, { userId });
    expect(rotations).toBe(3);
    const events = await database.db.auditEvent.findMany({
      where: { organizationId: acme.id },
      orderBy: { seq: "desc" },
      take: 6,
      select: { action: true },
    });
    expect(events.map(({ action }) => action)).toEqual([
      ...["member.removed", "credential.rotated", "member.invited", "credential.rotated", "member.role_changed"],
      "credential.rotated",
    ]);
  });
});

describe("a password", () => {
  it("signs in alone with its own address, in the same words for a wrong one and for nobody", async () => {
    const { email, userId } = await member("viewer");
    const ctx = { db: database.db };
    expect(await signIn(ctx, { email, password: PASSWORD })).toEqual({ userId, epoch: 0, secondFactor: false });
    const wrong = await signIn(ctx, { email, password: "wrong" }).catch((error: Error) => error.message);
    const nobody = await signIn(ctx, { email: "nobody@example.com", password: PASSWORD }).catch(
      (error: Error) => error.message,
    );
    expect(wrong).toBe(nobody);
    expect(await database.db.user.findUnique({ where: { id: userId } })).toMatchObject({
      passwordHash: expect.stringMatching(/^\$argon2id\$/) as string,
    });
  });

  it("costs one look at one hash of the same making and the same statements, whoever is asked for", async () => {
    const known = await member("viewer");
    const without = await member("viewer");
    await database.db.user.update({ where: { id: without.userId }, data: { passwordHash: null } });
    const parameters: unknown[] = [];
    const steps = new Steps(0);
    const db = steppingDatabase(database.url, steps);
    const statements: string[][] = [];
    for (const email of [known.email, without.email, "nobody@example.com"]) {
      vi.mocked(verify).mockClear();
      steps.names.length = 0;
      await expect(signIn({ db }, { email, password: "wrong" })).rejects.toMatchObject({
        code: "invalid_request",
      });
      expect(
        vi.mocked(verify).mock.calls.map(([, password]) => password),
        email,
      ).toEqual(["wrong"]);
      // $argon2id$v=19$m=19456,t=2,p=1$salt$hash
      statements.push([...steps.names]);
      parameters.push(String(vi.mocked(verify).mock.calls[0]![0]).split("$").slice(1, 4));
    }
    expect(parameters[1]).toEqual(parameters[0]);
    expect(parameters[2]).toEqual(parameters[0]);
    expect(statements).toEqual(Array(3).fill(["read user"]));
    await db.$disconnect();
  });

  it("changed, ends every session, goes on in this browser under another id, and is in every audit log", async () => {
    const actor = await member("viewer");
    const ctx = as(actor);
    const { userId } = actor;
    await database.db.membership.create({ data: { organizationId: other.id, userId, role: "viewer" } });
    const expiresAt = new Date(Date.now() + 60_000);
    await database.db.session.createMany({
      data: [1, 2, 3].map((n) => ({ id: `ses_${userId}_${n}`, userId, expiresAt })),
    });
    const { token: pending } = await beginPendingSignIn(ctx, await provedNow(database.db, userId));
    const link = await issueResetLink(ctx, actor.email);
    const input = { userId, sessionId: `ses_${userId}_2`, password: "another long password" };
    await expect(changePassword(ctx, { ...input, current: "wrong" })).rejects.toMatchObject({
      code: "invalid_request",
    });
    const { id } = await changePassword(ctx, { ...input, current: PASSWORD });
    const sessions = await database.db.session.findMany({ where: { userId } });
    expect(sessions.map((session) => session.id)).toEqual([id]);
    expect(id).not.toBe(input.sessionId);
    expect(await findPendingSignIn(ctx, pending)).toBeNull();
    expect(await oneTimeLinkIsGood(ctx, "reset", link)).toBe(false);
    const events = await database.db.auditEvent.findMany({
      where: { action: "member.password_changed", targetId: userId },
    });
    expect(events.map(({ organizationId }) => organizationId).sort()).toEqual([acme.id, other.id].sort());
  });

  it("is reset by a link that works once, for an hour, and ends every session", async () => {
    const { email, userId } = await member("viewer");
    const ctx = as(await member("owner"));
    await database.db.session.create({
      data: { id: `ses_${userId}`, userId, expiresAt: new Date(Date.now() + 60_000) },
    });
    const stale = await issueResetLink(ctx, email);
    const token = await issueResetLink(ctx, email);
    const password = "a password after the reset";
    const gone = { code: "not_found" };
    await expect(resetPassword(ctx, { token: stale, password })).rejects.toMatchObject(gone);
    await expect(resetPassword({ ...ctx, ...later(1) }, { token, password })).rejects.toMatchObject(gone);
    await resetPassword(ctx, { token, password });
    await expect(resetPassword(ctx, { token, password })).rejects.toMatchObject(gone);
    expect(await signIn(ctx, { email, password })).toMatchObject({ userId, secondFactor: false });
    expect(await database.db.session.count({ where: { userId } })).toBe(0);
    await expect(issueResetLink(ctx, "nobody@example.com")).rejects.toMatchObject(gone);
  });
});
