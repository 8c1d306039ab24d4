import { beforeAll, describe, expect, it } from "vitest";
import type { MemberActor } from "@/lib/domain/access/actor";
import { beginSession, MOST_SESSIONS, SESSION_SECONDS } from "@/lib/domain/sessions/begin-session";
import { endSessions } from "@/lib/domain/sessions/end-sessions";
import { findSession } from "@/lib/domain/sessions/find-session";
import { listSessions } from "@/lib/domain/sessions/list-sessions";
import { makeContext, makeMember, makeOrganization, type MadeOrganization } from "@/prisma/factories";
import { useDatabase } from "./support/database";

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
const begin = (actor: MemberActor, seconds = 0) =>
  beginSession(at(actor, seconds), {
    userId: actor.userId,
    method: "password",
    address: "192.0.2.7",
    browser: "Firefox on Linux",
  });

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
    const ids: string[] = [];
    for (let second = 0; second <= MOST_SESSIONS; second += 1) ids.push((await begin(actor, second)).id);
    const listed = await listSessions(at(actor, 60), { userId });
    expect(listed.map(({ id }) => id)).toEqual(ids.slice(1).reverse());
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
    const events = await database.db.auditEvent.findMany({ where: { targetId: userId } });
    expect(events).toMatchObject([{ action: "member.sessions_ended", actor: actor.email }]);
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
    const [event] = await database.db.auditEvent.findMany({ where: { targetId: userId } });
    expect(JSON.parse(event!.payload)).toMatchObject({ details: { email: actor.email, sessions: 2 } });
  });
});
