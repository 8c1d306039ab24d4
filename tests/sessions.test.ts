import { beforeAll, describe, expect, it } from "vitest";
import type { MemberActor } from "@/lib/domain/access/actor";
import { beginSession, MOST_SESSIONS, type SignedInWith } from "@/lib/domain/sessions/begin-session";
import { endSessions } from "@/lib/domain/sessions/end-sessions";
import { findSession } from "@/lib/domain/sessions/find-session";
import { SESSION_SECONDS } from "@/lib/domain/sessions/insert-session";
import { listSessions } from "@/lib/domain/sessions/list-sessions";
import { recordFailedSignIn } from "@/lib/domain/sessions/record-failed-sign-in";
import { signOut } from "@/lib/domain/sessions/sign-out";
import { makeContext, makeMember, makeOrganization, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";
import { provedNow } from "./support/proved";

const database = useDatabase();
const NOON = Date.UTC(2030, 0, 1, 12);
const gone = { code: "not_found" };
let acme: MadeOrganization;
let counter = 0;

beforeAll(async () => {
  acme = await makeOrganization(database.db, "acme");
});

const member = () =>
  makeMember(database.db, acme, { email: `s${(counter += 1)}@example.com`, password: "irrelevant", role: "viewer" });
const at = (actor: MemberActor, seconds = 0) =>
  makeContext(database.db, actor, { clock: () => new Date(NOON + seconds * 1000) });
const begin = async (actor: MemberActor, seconds = 0, method: SignedInWith = "password") =>
  beginSession(at(actor, seconds), {
    proved: await provedNow(database.db, actor.userId),
    method,
    address: "192.0.2.7",
    browser: "Firefox on Linux",
  });

/** What the audit logs say of somebody, beside the beginnings of their sessions. */
const eventsOf = ({ userId }: MemberActor, action: object = { not: "member.signed_in" }) =>
  database.db.auditEvent.findMany({ where: { targetId: userId, action }, orderBy: { at: "asc" } });
const detailsOf = (events: { payload: string }[]) =>
  events.map(({ payload }) => (JSON.parse(payload) as { details: unknown }).details);

describe("a session", () => {
  it("is found by its own user until it is over, and knows when it was seen, to the minute", async () => {
    const actor = await member();
    const stranger = await member();
    const { userId } = actor;
    const { id } = await begin(actor);
    expect(await findSession(at(actor), { id, userId })).toEqual({ userId, email: actor.email, method: "password" });
    expect(await findSession(at(actor), { id, userId: stranger.userId })).toBeNull();
    await findSession(at(actor, 59), { id, userId });
    expect((await listSessions(at(actor), { userId }))[0]!.lastSeenAt).toEqual(new Date(NOON));
    await findSession(at(actor, 60), { id, userId });
    expect((await listSessions(at(actor), { userId }))[0]!.lastSeenAt).toEqual(new Date(NOON + 60_000));
    expect(await findSession(at(actor, SESSION_SECONDS), { id, userId })).toBeNull();
    expect(await listSessions(at(actor, SESSION_SECONDS), { userId })).toEqual([]);
  });

  it("is one of fifty at most: the one seen longest ago ends", async () => {
    const actor = await member();
    const { userId } = actor;
    const expiresAt = new Date(NOON + SESSION_SECONDS * 1000);
    const rows = Array.from({ length: MOST_SESSIONS }, (_, second) => {
      const createdAt = new Date(NOON + second * 1000);
      return { id: `ses_${userId}_${second}`, userId, expiresAt, createdAt, lastSeenAt: createdAt };
    });
    await database.db.session.createMany({ data: rows });
    rows.push({ ...rows[0]!, id: (await begin(actor, MOST_SESSIONS)).id });
    const listed = await listSessions(at(actor, 60), { userId });
    expect(listed.map(({ id }) => id)).toEqual(
      rows
        .slice(1)
        .map(({ id }) => id)
        .reverse(),
    );
    const events = await eventsOf(actor);
    expect(events).toMatchObject([{ action: "member.sessions_ended", actor: actor.email }]);
    expect(detailsOf(events)).toEqual([{ email: actor.email, sessions: 1 }]);
  });

  it("is ended by its own user alone, and that is on record", async () => {
    const actor = await member();
    const stranger = await member();
    const { userId } = actor;
    const [one, two] = [await begin(actor), await begin(actor, 1)];
    const theirs = await begin(stranger);
    await expect(endSessions(at(stranger), { userId: stranger.userId, id: one.id })).rejects.toMatchObject(gone);
    await endSessions(at(actor), { userId, id: one.id });
    await expect(endSessions(at(actor), { userId, id: one.id })).rejects.toMatchObject(gone);
    expect((await listSessions(at(actor), { userId })).map(({ id }) => id)).toEqual([two.id]);
    expect(await listSessions(at(stranger), { userId: stranger.userId })).toMatchObject([{ id: theirs.id }]);
    expect(await eventsOf(actor)).toMatchObject([{ action: "member.sessions_ended", actor: actor.email }]);
  });

  it("stays when all others end", async () => {
    const actor = await member();
    const stranger = await member();
    const { userId } = actor;
    const mine = await begin(actor);
    await begin(actor, 1);
    await begin(actor, 2);
    await begin(stranger);
    await endSessions(at(actor), { userId, allBut: mine.id });
    expect((await listSessions(at(actor), { userId })).map(({ id }) => id)).toEqual([mine.id]);
    expect(await listSessions(at(stranger), { userId: stranger.userId })).toHaveLength(1);
    expect(detailsOf(await eventsOf(actor))).toEqual([{ email: actor.email, sessions: 2 }]);
  });
});

describe("on record", () => {
  /** A member of two organizations. */
  async function known() {
    const actor = await member();
    const second = await makeOrganization(database.db, `second-${counter}`);
    await database.db.membership.create({ data: { organizationId: second.id, userId: actor.userId, role: "admin" } });
    return { actor, organizations: [acme.id, second.id].sort() };
  }

  it.each(["password", "code", "recovery_code", "single_sign_on"] as const)(
    "a sign-in by %s is in every audit log of its user, with the session",
    async (method) => {
      const { actor, organizations } = await known();
      const { userId, email } = actor;
      const { id } = await begin(actor, 0, method);
      const events = await eventsOf(actor, { equals: "member.signed_in" });
      expect(events.map(({ organizationId }) => organizationId).sort()).toEqual(organizations);
      expect(detailsOf(events)).toEqual(Array(2).fill({ email, method }));
      const counted = { password: "password", single_sign_on: "single_sign_on" } as Record<string, string>;
      const found = await findSession(at(actor), { id, userId });
      expect(found?.method).toBe(counted[method] ?? "password_and_code");
    },
  );

  it("what cannot be recorded does not begin", async () => {
    const actor = await member();
    const lost = await makeOrganization(database.db, "lost");
    await database.db.membership.create({ data: { organizationId: lost.id, userId: actor.userId, role: "viewer" } });
    await database.db.auditChain.delete({ where: { organizationId: lost.id } });
    await expect(begin(actor)).rejects.toThrow();
    expect(await listSessions(at(actor), { userId: actor.userId })).toEqual([]);
    expect(await eventsOf(actor, { startsWith: "member" })).toEqual([]);
  });

  it("two sign-ins at once of members of the same organizations wait for each other and both succeed", async () => {
    const { actor, organizations } = await known();
    const other = await member();
    await database.db.membership.createMany({
      data: organizations
        .filter((id) => id !== acme.id)
        .map((organizationId) => ({ organizationId, userId: other.userId, role: "viewer" as const })),
    });
    await Promise.all([actor, other, actor, other].map((each) => begin(each)));
    expect(await listSessions(at(actor), { userId: actor.userId })).toHaveLength(2);
  });

  it("a sign-out, once", async () => {
    const { actor } = await known();
    const stranger = await member();
    const { userId, email } = actor;
    const { id: sessionId } = await begin(actor);
    await signOut(at(stranger), { userId: stranger.userId, sessionId });
    await signOut(at(actor), { userId, sessionId });
    await signOut(at(actor), { userId, sessionId });
    const events = await eventsOf(actor);
    expect(events.map(({ action }) => action)).toEqual(["member.signed_out", "member.signed_out"]);
    expect(detailsOf(events)).toEqual([{ email }, { email }]);
    expect(await eventsOf(stranger)).toEqual([]);
  });

  it("a failed sign-in, in nobody's name, and none for an address that nobody has", async () => {
    const { actor, organizations } = await known();
    const { userId, email } = actor;
    const before = await database.db.auditEvent.count();
    await recordFailedSignIn(at(actor), { account: { email: "nobody@example.com" }, why: "password" });
    expect(await database.db.auditEvent.count()).toBe(before);
    await recordFailedSignIn(at(actor), { account: { email }, why: "password" });
    await recordFailedSignIn(at(actor, 1), { account: { id: userId }, why: "code" });
    const events = await eventsOf(actor);
    expect(events.map(({ organizationId }) => organizationId).sort()).toEqual(
      [...organizations, ...organizations].sort(),
    );
    for (const event of events) {
      expect(event).toMatchObject({ action: "member.sign_in_failed", actorKind: "system", actor: "sign-in" });
    }
    expect(detailsOf(events)).toEqual(["password", "password", "code", "code"].map((why) => ({ email, why })));
  });
});
