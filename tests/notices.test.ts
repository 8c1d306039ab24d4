import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NoticeEvent } from "@/lib/contract/notices";
import type { MemberActor, TokenActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { announceExpiring } from "@/lib/domain/credentials/announce-expiring";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { testCredential } from "@/lib/domain/credentials/test-credential";
import { removeMember } from "@/lib/domain/members/remove-member";
import { chooseNotices, readNoticeChoice } from "@/lib/domain/notices/choose-notices";
import type { NoticeJob } from "@/lib/domain/notices/enqueue-notice";
import { listMails } from "@/lib/domain/notices/list-mails";
import type { Mailer } from "@/lib/domain/notices/mailer";
import { sendMail } from "@/lib/domain/notices/send-mail";
import { sendTestMail } from "@/lib/domain/notices/send-test-mail";
import { forgetTold, tellNotice } from "@/lib/domain/notices/tell-notice";
import { requestRotation } from "@/lib/domain/rotations/request-rotation";
import { runRotation } from "@/lib/domain/rotations/run-rotation";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { addSlackWebhook } from "@/lib/domain/webhooks/add-slack-webhook";
import { announce } from "@/lib/domain/webhooks/announce";
import { deliverWebhook } from "@/lib/domain/webhooks/deliver-webhook";
import { listWebhooks } from "@/lib/domain/webhooks/list-webhooks";
import { rolledBack, rotated } from "@/lib/domain/webhooks/secret-events";
import { sendTest } from "@/lib/domain/webhooks/send-test";
import { createDatabaseClient } from "@/lib/platform/database/client";
import { createSmtpMailer } from "@/lib/platform/mail/smtp-mailer";
import {
  makeContext,
  makeMember,
  makeOrganization,
  makeRepository,
  memberActor,
  type MadeOrganization,
} from "@/prisma/factories";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";
import { startMailServer, type MailServer } from "@/scripts/start-mail-server";
import { startWebhookReceiver, type WebhookReceiver } from "./support/webhook-receiver";

const database = useDatabase();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = new Date("2026-11-23T12:00:00Z");
const going = new AbortController().signal;
const PUBLIC_URL = "https://keys.example.com";
const PASSWORD = "smtp-password-of-the-tests";
let host: GitHost;
let receiver: WebhookReceiver;
let mailServer: MailServer;
let acme: MadeOrganization;
let ada: MemberActor;
let grace: MemberActor;
/** Of Ada, at `NOW`, with mail on. */
let ctx: Context;
let counter = 0;

beforeAll(async () => {
  host = await startGitHost("GitLab");
  host.addRepository("team/app");
  host.tokens.set("reads", "read");
  receiver = await startWebhookReceiver();
  mailServer = await startMailServer({ tls: "starttls", password: PASSWORD });
  const egress = createEgressPolicy([host.host, receiver.host]);
  const upstream = createUpstreamClient(egress, `${readFileSync(host.caFile, "utf8")}\n${receiver.ca}`);
  const mailFrom = "latchkey@keys.example.com";
  const actor = memberActor({ id: "", slug: "" });
  ctx = makeContext(database.db, actor, { egress, upstream, mailFrom, clock: () => NOW });
});

afterAll(async () => {
  await Promise.all([host.stop(), receiver.stop(), mailServer.stop()]);
});

beforeEach(async () => {
  acme = await makeOrganization(database.db, `acme-${(counter += 1)}`);
  [ada, grace] = [await newMember("ada", "owner"), await newMember("grace", "admin")];
  ctx = { ...ctx, actor: ada };
  mailServer.received.length = 0;
  mailServer.refuseWith(null);
  receiver.received.length = 0;
});

const newMember = (name: string, role: "owner" | "admin" | "viewer") =>
  makeMember(database.db, acme, { email: `${name}-${counter}@example.com`, password: "not used here", role });

/** What happens by Latchkey itself, and so is told to everybody who wants it. */
const system = (at = NOW): Context => ({ ...ctx, actor: { ...systemActor(), name: "pull" }, clock: () => at });
const systemActor = () => ({ kind: "system", organizationId: acme.id, organizationSlug: acme.slug }) as const;
const as = (actor: MemberActor): Context => ({ ...ctx, actor });
const later = (ms: number) => new Date(NOW.getTime() + ms);

function happen(name: string, { at = NOW, says = "It was refused." } = {}): Promise<void> {
  const event = { type: "credential.rejected", repository: { id: "repo_1", url: name } } as const;
  return database.db.$transaction((tx) => announce(tx, system(at), { event, says }));
}

function mailer() {
  const auth = { user: "latchkey", pass: PASSWORD };
  const server = { host: "localhost", port: mailServer.port, secure: false, local: false, auth };
  return createSmtpMailer(server, ctx.mailFrom!, mailServer.ca);
}

/** Takes the organization's notices that are due then, as the worker does. */
async function due(at: Date): Promise<NoticeJob[]> {
  const rows = await database.db.$queryRaw<{ payload: NoticeJob }[]>`
    DELETE FROM graphile_worker._private_jobs AS job USING graphile_worker._private_tasks AS task
    WHERE task.id = job.task_id AND task.identifier = 'tell_notice' AND job.run_at <= ${at}
      AND job.payload->>'organizationId' = ${acme.id}
    RETURNING job.payload`;
  return rows.map(({ payload }) => payload);
}

async function tell(at = later(2 * MINUTE_MS)): Promise<string[]> {
  const jobs = await due(at);
  const told = [];
  for (const job of jobs) told.push(await tellNotice({ ...ctx, clock: () => at }, { publicUrl: PUBLIC_URL }, job));
  return told;
}

interface Attempt {
  last?: boolean;
  signal?: AbortSignal;
  by?: Mailer | null;
}

/** Makes an attempt at everything that waits to be sent, whenever the queue would. */
async function send({ last = false, signal = going, by = mailer() }: Attempt = {}): Promise<string[]> {
  const queued = await database.db.$queryRaw<{ mailId: string }[]>`
    SELECT mail.id AS "mailId" FROM mail_delivery mail
    JOIN graphile_worker._private_jobs job ON job.payload->>'mailId' = mail.id
    WHERE mail.organization_id = ${acme.id} AND mail.state = 'waiting'`;
  const tools = { mailer: by, publicUrl: PUBLIC_URL };
  return Promise.all(queued.map((job) => sendMail(ctx, tools, job, { last, signal })));
}

const recipients = () => mailServer.received.flatMap(({ to }) => to).sort();
const subjects = async () => (await listMails(ctx, { page: 1, pageSize: 100 })).rows.map(({ subject }) => subject);

async function newCredential(password = "reads", more: { expiresAt?: Date; name?: string } = {}) {
  const { name = `app-${(counter += 1)}`, ...rest } = more;
  const upstream = { provider: "gitlab" as const, host: host.host, owner: "team", name: "app" };
  const { id: repository } = await makeRepository(database.db, acme, name, upstream);
  return createCredential(ctx, { repository, password, ...rest });
}

describe("who is told by mail", () => {
  it("is owners and admins until they choose, and viewers who chose", async () => {
    const eve = await newMember("eve", "viewer");
    await newMember("bob", "viewer");
    expect(await readNoticeChoice(as(ada))).toContain("credential.rejected");
    expect(await readNoticeChoice(as(eve))).toEqual([]);
    await chooseNotices(as(eve), { events: ["credential.rejected"] });
    await chooseNotices(as(grace), { events: ["credential.rotated"] });
    await happen("team/app");
    expect(await tell()).toEqual(["told", "told"]);
    await send();
    expect(recipients()).toEqual([ada.email, eve.email].sort());
    const { source } = mailServer.received[0]!;
    expect(source).toContain(`Subject: [${acme.slug}] Credential rejected: team/app`);
    expect(source.replaceAll("=\r\n", "")).toContain("It was refused.");
    expect(source.replaceAll("=\r\n", "")).toContain(`/${acme.slug}/repos/team%2Fapp/settings/credential`);
    expect(source.replaceAll("=\r\n", "")).toContain(`/${acme.slug}/settings/notices`);
    await chooseNotices(as(ada), { events: [] });
    expect(await readNoticeChoice(as(ada))).toEqual([]);
  });

  it("is nobody who has been removed, whenever that was", async () => {
    const remove = (member: MemberActor) => removeMember(as(ada), { userId: member.userId });
    const bob = await newMember("bob", "admin");
    await happen("team/app");
    await remove(grace);
    expect((await tell()).sort()).toEqual(["nothing", "told", "told"]);
    await remove(bob);
    await send();
    expect(recipients()).toEqual([ada.email]);
    expect(await database.db.noticeChoice.count({ where: { userId: bob.userId } })).toBe(0);
  });

  it("is nobody of another organization", async () => {
    const other = await makeOrganization(database.db, `other-${counter}`);
    const email = `zoe-${counter}@example.com`;
    const zoe = await makeMember(database.db, other, { email, password: "x", role: "owner" });
    await happen("team/app");
    await tell();
    await send();
    expect(recipients()).toEqual([ada.email, grace.email].sort());
    expect((await listMails(as(zoe), { page: 1, pageSize: 10 })).total).toBe(0);
  });

  it("is not who did it, be it alone or for all repositories of a token", async () => {
    for (const member of [ada, grace]) await chooseNotices(as(member), { events: ["credential.rotated"] });
    const { id } = await newCredential();
    await newCredential();
    await rotateCredential(as(ada), { id, password: "reads" });
    await tell();
    await send();
    expect(recipients()).toEqual([grace.email]);
    expect(mailServer.received[0]!.source).toContain(`${ada.email} rotated the credential`);
    host.tokens.set("reads-too", "read");
    const rotation = await requestRotation(as(grace), { id, password: "reads-too" });
    await runRotation(ctx, { rotationId: rotation.id }, going);
    await tell(later(2 * HOUR_MS));
    await send();
    expect(recipients()).toEqual([ada.email, grace.email].sort());
  });

  it("is a member by whose address a token calls itself", async () => {
    await chooseNotices(as(grace), { events: ["credential.rotated"] });
    const { id } = await newCredential();
    const token: TokenActor = {
      kind: "token",
      subject: grace.email,
      signingKeyId: "key_1",
      organizationId: acme.id,
      organizationSlug: acme.slug,
      scopes: ["repo:write"],
      repositoryClaim: "org",
    };
    host.tokens.set("reads-too", "read");
    const { id: rotationId } = await requestRotation({ ...ctx, actor: token }, { id, password: "reads-too" });
    await runRotation(ctx, { rotationId }, going);
    await tell();
    await rotateCredential({ ...ctx, actor: token }, { id, password: "reads" });
    await tell(later(2 * HOUR_MS));
    await send();
    expect(recipients()).toEqual([grace.email, grace.email]);
  });

  it("is nobody while mail is off, and what waits then is given up", async () => {
    await database.db.$transaction((tx) =>
      announce(
        tx,
        { ...system(), mailFrom: null },
        {
          event: { type: "credential.rejected", repository: { id: "repo_1", url: "team/app" } },
          says: "It was refused.",
        },
      ),
    );
    expect(await tell()).toEqual([]);
    await expect(sendTestMail({ ...ctx, mailFrom: null })).rejects.toMatchObject({ code: "conflict" });
    await sendTestMail(ctx);
    expect(await send({ by: null })).toEqual(["done"]);
    const { rows } = await listMails(ctx, { page: 1, pageSize: 10 });
    expect(rows).toMatchObject([{ state: "given_up", reason: "off" }]);
  });
});

describe("one message an hour for an event", () => {
  it("holds what happened meanwhile, and comes after that hour", async () => {
    await chooseNotices(as(grace), { events: [] });
    await happen("one");
    await happen("two");
    expect(await tell(later(30_000))).toEqual([]);
    expect(await tell(later(MINUTE_MS))).toEqual(["told"]);
    await happen("three", { at: later(2 * MINUTE_MS) });
    await happen("four", { at: later(50 * MINUTE_MS) });
    expect(await tell(later(60 * MINUTE_MS))).toEqual([]);
    expect(await tell(later(61 * MINUTE_MS))).toEqual(["told"]);
    expect(await tell(later(24 * HOUR_MS))).toEqual([]);
    expect(await subjects()).toEqual([
      `[${acme.slug}] Credential rejected: 2 times`,
      `[${acme.slug}] Credential rejected: 2 times`,
    ]);
    await send();
    const sources = mailServer.received.map(({ source }) => source).join("\n");
    for (const name of ["one", "two", "three", "four"]) expect(sources).toContain(`\r\n${name}\r\n`);
  });

  it("holds also where the queue asks too early", async () => {
    await chooseNotices(as(grace), { events: [] });
    await happen("one");
    const [job] = await due(later(HOUR_MS));
    const ask = (at: Date) => tellNotice({ ...ctx, clock: () => at }, { publicUrl: PUBLIC_URL }, job!);
    expect(await ask(NOW)).toBe("told");
    await happen("two");
    expect(await ask(later(HOUR_MS - 1))).toBe("postponed");
    expect(await tell(later(HOUR_MS))).toEqual(["told"]);
    expect(await ask(later(3 * HOUR_MS))).toBe("nothing");
  });

  it("names twenty repositories, and says how many more there are", async () => {
    await chooseNotices(as(grace), { events: [] });
    for (let each = 1; each <= 25; each += 1) await happen(`app-${each}.`);
    await tell();
    await send();
    const { source } = mailServer.received[0]!;
    expect(source).toContain("app-20.");
    expect(source).not.toContain("app-21.");
    expect(source).toContain("And 5 more.");
    expect(await subjects()).toEqual([`[${acme.slug}] Credential rejected: 25 times`]);
  });

  it("is one, however many instances there are", async () => {
    await chooseNotices(as(grace), { events: [] });
    const another = createDatabaseClient(database.url);
    const dbs = [database.db, another];
    const event = { type: "credential.rejected", repository: { id: "repo_1", url: "team/app" } } as const;
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        dbs[index % 2]!.$transaction((tx) => announce(tx, system(), { event, says: "It was refused." })),
      ),
    );
    const jobs = await due(later(HOUR_MS));
    expect(jobs).toHaveLength(1);
    const told = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        tellNotice({ db: dbs[index % 2]!, clock: () => NOW }, { publicUrl: PUBLIC_URL }, jobs[0]!),
      ),
    );
    expect(told.filter((outcome) => outcome === "told")).toHaveLength(1);
    await another.$disconnect();
    await send();
    expect(recipients()).toEqual([ada.email]);
    expect(await subjects()).toEqual([`[${acme.slug}] Credential rejected: 12 times`]);
  });

  it("puts tokens that end together into one", async () => {
    await chooseNotices(as(grace), { events: [] });
    for (const name of ["a", "b", "c"]) await newCredential("reads", { name, expiresAt: later(5 * 24 * HOUR_MS) });
    await announceExpiring(ctx);
    await tell();
    await send();
    expect(await subjects()).toEqual([`[${acme.slug}] Token expiring: 3 times`]);
    expect(mailServer.received[0]!.source).toContain("The token ends on 2026-11-28, within 7 days.");
  });

  it("is forgotten when it does not matter any more", async () => {
    await happen("team/app");
    await tell(later(MINUTE_MS));
    const kept = () => database.db.notice.count({ where: { organizationId: acme.id } });
    await forgetTold({ ...ctx, clock: () => later(HOUR_MS) });
    expect(await kept()).toBe(2);
    await forgetTold({ ...ctx, clock: () => later(2 * HOUR_MS) });
    expect(await kept()).toBe(0);
  });
});

describe("a message", () => {
  it("is tried again while the server is down, and arrives once it is up", async () => {
    const { port } = mailServer;
    await sendTestMail(ctx);
    await mailServer.stop();
    expect(await send()).toEqual(["again"]);
    const logged = async () => (await listMails(ctx, { page: 1, pageSize: 10 })).rows;
    expect(await logged()).toMatchObject([{ state: "waiting", attempts: 1, reason: "connection", email: ada.email }]);
    mailServer = await startMailServer({ tls: "starttls", password: PASSWORD, port });
    expect(await send()).toEqual(["done"]);
    expect(await logged()).toMatchObject([{ state: "delivered", attempts: 2, reason: null }]);
    expect(recipients()).toEqual([ada.email]);
  });

  it("is given up at the last attempt, and at once where the server refuses it for good", async () => {
    await sendTestMail(ctx);
    mailServer.refuseWith(451);
    expect(await send()).toEqual(["again"]);
    expect(await send({ last: true })).toEqual(["done"]);
    await sendTestMail(ctx);
    mailServer.refuseWith(550);
    expect(await send()).toEqual(["done"]);
    const { rows } = await listMails(ctx, { page: 1, pageSize: 10 });
    expect(rows.map(({ state, reason }) => [state, reason]).sort()).toEqual([
      ["given_up", "host_error"],
      ["given_up", "refused"],
    ]);
  });

  it("says nothing against the server when the worker is stopped in the middle", async () => {
    await sendTestMail(ctx);
    expect(await send({ last: true, signal: AbortSignal.abort() })).toEqual(["again"]);
    expect((await listMails(ctx, { page: 1, pageSize: 10 })).rows).toMatchObject([{ state: "waiting", attempts: 0 }]);
  });

  it("has no line from a repository's name", async () => {
    await chooseNotices(as(grace), { events: [] });
    await happen("app\r\nBcc: eve@example.com\r\n\r\nhello", { says: "One.\r\nTwo.\u2028Three." });
    await tell();
    await send();
    const { source, to } = mailServer.received[0]!;
    expect(to).toEqual([ada.email]);
    expect(source).not.toMatch(/^Bcc:/im);
    expect(source).toContain("One. Two. Three.");
  });

  it("can be a test to oneself, a few times an hour", async () => {
    const viewer = as(await newMember("vic", "viewer"));
    await Promise.allSettled(Array.from({ length: 8 }, () => sendTestMail(viewer)));
    await expect(sendTestMail(viewer)).rejects.toMatchObject({ code: "throttled" });
    expect(await database.db.mailDelivery.count({ where: { organizationId: acme.id } })).toBe(5);
    await sendTestMail({ ...viewer, clock: () => later(HOUR_MS) });
    const token = { kind: "token", subject: "ci", signingKeyId: "k", scopes: ["org:read"] } as const;
    const bearer = { organizationId: acme.id, organizationSlug: acme.slug, repositoryClaim: "org" };
    const asToken = { ...ctx, actor: { ...token, ...bearer } };
    await expect(sendTestMail(asToken)).rejects.toMatchObject({ code: "missing_scope" });
    await expect(chooseNotices(asToken, { events: [] })).rejects.toMatchObject({ code: "missing_scope" });
  });

  it("is in the log of owners and admins, and in its recipient's own", async () => {
    const viewer = as(await newMember("vic", "viewer"));
    await sendTestMail(viewer);
    await sendTestMail(ctx);
    expect((await listMails(ctx, { page: 1, pageSize: 1 })).total).toBe(2);
    expect(await listMails(viewer, { page: 1, pageSize: 10 })).toMatchObject({ total: 1 });
  });
});

describe("what happens to credentials", () => {
  it.each<[NoticeEvent, () => Promise<unknown>]>([
    [
      "credential.rejected",
      async () => testCredential(system(), { id: (await newCredential("wrong", { name: "app" })).id }),
    ],
    [
      "credential.rolled_back",
      () =>
        database.db.$transaction((tx) =>
          announce(
            tx,
            system(),
            rolledBack(system(), { credentialId: "ggc_1", repository: { id: "r", name: "app" }, automatic: true }),
          ),
        ),
    ],
  ])("is told: %s", async (event, act) => {
    await chooseNotices(as(grace), { events: [] });
    await chooseNotices(as(ada), { events: [event] });
    await act();
    expect(await tell()).toEqual(["told"]);
    await send();
    expect(recipients()).toEqual([ada.email]);
  });

  it("is told together with the rotation or not at all", async () => {
    await chooseNotices(as(grace), { events: ["credential.rotated"] });
    const { id } = await newCredential();
    const rotations = Array.from({ length: 6 }, () => rotateCredential(ctx, { id, password: "reads" }));
    await Promise.all(rotations);
    await expect(rotateCredential(ctx, { id, password: "reads", ifVersion: 1 })).rejects.toMatchObject({
      code: "version_mismatch",
    });
    const [notice] = await database.db.notice.findMany({ where: { organizationId: acme.id } });
    expect(notice).toMatchObject({ recipient: grace.userId, count: 6 });
  });
});

describe("a Slack channel", () => {
  const path = `/services/T0/B0/${randomBytes(12).toString("hex")}`;
  const address = () => `https://${receiver.host}${path}`;

  async function post(): Promise<void> {
    const rows = await database.db.webhookDelivery.findMany({
      where: { state: "waiting", webhook: { organizationId: acme.id } },
    });
    for (const { id: deliveryId } of rows) await deliverWebhook(ctx, { deliveryId }, { last: true, signal: going });
  }

  it("gets the same sentences, once in an hour, and nothing that calls everybody", async () => {
    const { id } = await addSlackWebhook(ctx, { url: address(), events: ["credential.rejected"] });
    for (const member of [ada, grace]) await chooseNotices(as(member), { events: [] });
    await happen("<!channel> & more", { says: "It was <refused>." });
    await happen("team/app");
    const event = rotated(system(), { credentialId: "ggc_1", repository: { id: "r", name: "app" }, version: 2 });
    await database.db.$transaction((tx) => announce(tx, system(), event));
    expect(await tell()).toEqual(["told"]);
    await sendTest(ctx, { id });
    await post();
    const texts = receiver.received.map(({ body }) => (JSON.parse(body) as { text: string }).text);
    expect(texts).toHaveLength(2);
    const notice = texts.find((text) => text.startsWith("*Credential rejected*"));
    expect(notice).toContain("&lt;!channel&gt; &amp; more>: It was &lt;refused&gt;.");
    expect(notice).toContain(`<${PUBLIC_URL}/${acme.slug}/repos/team%2Fapp/settings/credential|team/app>`);
    expect(notice).not.toContain("<!");
    for (const { headers } of receiver.received) expect(headers).not.toHaveProperty("x-pierre-signature");
  });

  it("has its address nowhere in the open, and sealed to its host", async () => {
    const { id } = await addSlackWebhook(ctx, { url: address(), events: ["credential.rejected"] });
    await sendTest(ctx, { id });
    expect(JSON.stringify(await listWebhooks(ctx))).not.toContain(path);
    const [row] = await database.db.$queryRaw<{ text: string }[]>`
      SELECT (SELECT string_agg(w::text || encode(sealed, 'escape'), '') FROM webhook w)
        || (SELECT string_agg(d::text, '') FROM webhook_delivery d)
        || (SELECT string_agg(a::text, '') FROM audit_event a)
        || (SELECT string_agg(j::text, '') FROM graphile_worker._private_jobs j) AS text`;
    expect(row!.text).toContain(receiver.host);
    expect(row!.text).not.toContain(path);
    await database.db.webhook.update({ where: { id }, data: { url: "https://elsewhere.example/" } });
    await post();
    expect(receiver.received).toEqual([]);
  });

  it("may not be where no delivery may go, and is for owners and admins", async () => {
    const events: NoticeEvent[] = ["credential.rejected"];
    const closed = { ...ctx, egress: createEgressPolicy([]) };
    await expect(addSlackWebhook(closed, { url: "https://169.254.169.254/x", events })).rejects.toMatchObject({
      code: "invalid_request",
    });
    const viewer = as(await newMember("vic", "viewer"));
    await expect(addSlackWebhook(viewer, { url: address(), events })).rejects.toMatchObject({ code: "forbidden" });
  });
});
