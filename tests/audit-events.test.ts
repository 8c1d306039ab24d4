import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AUDIT_ACTIONS, type AuditAction } from "@/lib/contract/audit-actions";
import { exportAudit } from "@/lib/domain/audit/export-audit";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { eraseExpired, erasePrevious } from "@/lib/domain/credentials/erase-previous";
import { findCredential } from "@/lib/domain/credentials/find-credential";
import { discardRotation } from "@/lib/domain/credentials/finish-rotation";
import { withOpenSecret } from "@/lib/domain/credentials/open-secret";
import { removeCredential } from "@/lib/domain/credentials/remove-credential";
import { rollBackCredential } from "@/lib/domain/credentials/roll-back-credential";
import { rotateCredential } from "@/lib/domain/credentials/rotate-credential";
import { stageSecret } from "@/lib/domain/credentials/stage-secret";
import { testCredential } from "@/lib/domain/credentials/test-credential";
import { DomainError } from "@/lib/domain/errors";
import { cancelImport } from "@/lib/domain/imports/cancel-import";
import { eraseForgottenImports } from "@/lib/domain/imports/erase-waiting";
import { prepareImport } from "@/lib/domain/imports/prepare-import";
import { startImport } from "@/lib/domain/imports/start-import";
import { acceptInvitation } from "@/lib/domain/members/accept-invitation";
import { changeRole } from "@/lib/domain/members/change-role";
import { inviteMember } from "@/lib/domain/members/invite-member";
import { issueResetLink } from "@/lib/domain/members/issue-reset-link";
import { removeMember } from "@/lib/domain/members/remove-member";
import { resetPassword } from "@/lib/domain/members/reset-password";
import { withdrawInvitation } from "@/lib/domain/members/withdraw-invitation";
import { newId } from "@/lib/domain/new-id";
import { chooseNotices } from "@/lib/domain/notices/choose-notices";
import { createOrganization } from "@/lib/domain/organizations/create-organization";
import { keepPreviousFor } from "@/lib/domain/organizations/keep-previous-for";
import { chooseRenewal } from "@/lib/domain/renewals/choose-renewal";
import { createRepository } from "@/lib/domain/repositories/create-repository";
import { deleteRepository } from "@/lib/domain/repositories/delete-repository";
import { detachRepository } from "@/lib/domain/repositories/detach-repository";
import { expectWrites } from "@/lib/domain/repositories/expect-writes";
import { exportRepositories } from "@/lib/domain/repositories/export-repositories";
import { cancelRotation } from "@/lib/domain/rotations/cancel-rotation";
import { requestRotation } from "@/lib/domain/rotations/request-rotation";
import { addSigningKey } from "@/lib/domain/signing-keys/add-signing-key";
import { changeTokenPolicy } from "@/lib/domain/signing-keys/change-token-policy";
import { revokeSigningKey } from "@/lib/domain/signing-keys/revoke-signing-key";
import { chooseSchedule } from "@/lib/domain/sync/choose-schedule";
import { keepPull } from "@/lib/domain/sync/keep-pull";
import { requestPull } from "@/lib/domain/sync/request-pull";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { addWebhook } from "@/lib/domain/webhooks/add-webhook";
import { keepAttempt, MAX_FAILURES } from "@/lib/domain/webhooks/keep-attempt";
import { removeWebhook } from "@/lib/domain/webhooks/remove-webhook";
import { replayDelivery } from "@/lib/domain/webhooks/replay-delivery";
import { sendTest } from "@/lib/domain/webhooks/send-test";
import { writeBackup } from "@/lib/platform/backup/write-backup";
import {
  makeContext,
  makeKeyPair,
  makeKeyRing,
  makeMember,
  makeOrganization,
  makeRepository,
  makeSigningKey,
  type MadeOrganization,
} from "@/prisma/factories";
import { changedSince, tablesDigest } from "@/scripts/attack/tables-digest";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { useDatabase } from "./support/database";

/** What the test of a noun sees recorded, beside everything else that it takes to get there. */
const ELSEWHERE: Partial<Record<AuditAction, string>> = {
  "organization.restored": "tests/backup.test.ts",
  "organization.second_factor_rule_changed": "tests/second-factor.test.ts",
  "credential.renewed": "tests/renewals.test.ts",
  "credential.renewal_failed": "tests/renewals.test.ts",
  "rotation.finished": "tests/rotations.test.ts",
  "rotation.unreadable": "tests/rotations.test.ts",
  "import.finished": "tests/imports.test.ts",
  "import.unreadable": "tests/imports.test.ts",
  "webhook.unreadable": "tests/webhooks.test.ts",
  "master_key.added": "tests/master-keys.test.ts",
  "master_key.rewrap_started": "tests/master-keys.test.ts",
  "master_key.rewrapped": "tests/master-keys.test.ts",
  "master_key.retired": "tests/master-keys.test.ts",
  "member.signed_in": "tests/identity.test.ts",
  "member.sign_in_failed": "tests/sessions.test.ts",
  "member.signed_out": "tests/sessions.test.ts",
  "member.password_removed": "tests/identity.test.ts",
  "member.sessions_ended": "tests/sessions.test.ts",
  "member.second_factor_on": "tests/second-factor.test.ts",
  "member.second_factor_off": "tests/second-factor.test.ts",
  "member.second_factor_unreadable": "tests/second-factor.test.ts",
  "member.recovery_code_used": "tests/second-factor.test.ts",
  "member.recovery_codes_renewed": "tests/second-factor.test.ts",
  "member.identity_linked": "tests/identity.test.ts",
  "organization.fingerprint_key_unreadable": "tests/rotations.test.ts",
};

const database = useDatabase();
const PASSWORD = "correct horse battery staple";
const EMAIL = "ada@example.com";
let folder: string;
let host: GitHost;
let acme: MadeOrganization;
let ctx: Context;
let counter = 0;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-audit-events-"));
  host = await startGitHost("GitLab");
  host.addRepository("acme/app");
  host.tokens.set("good", "write").set("good-too", "write");
});

afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  acme = await makeOrganization(database.db, `org-${(counter += 1)}`);
  const actor = await makeMember(database.db, acme, { email: EMAIL, password: PASSWORD, role: "owner" });
  const upstream = createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8"));
  ctx = makeContext(database.db, actor, { upstream });
});

interface Arranged {
  /** Does it, and answers the id of what it was done to. */
  act: () => Promise<string>;
  details: Record<string, string | number | boolean | null>;
  /** Where it is not the member. */
  system?: string;
  member?: string;
}

const repository = async () =>
  makeRepository(database.db, acme, "app", { provider: "gitlab", host: host.host, owner: "acme", name: "app" });

/** A repository with the secret "good". */
async function credential(versions = 1) {
  const made = await repository();
  const { id } = await createCredential(ctx, { repository: made.id, username: "bot", password: "good" });
  for (let n = 1; n < versions; n += 1) await rotateCredential(ctx, { id, password: "good-too" });
  return { id, repository: made };
}

/** One that its host would renew. */
async function renewable() {
  const { id } = await credential();
  const data = { tokenScopes: ["self_rotate"], expiresAt: inAMonth().clock() };
  await database.db.gitCredential.update({ where: { id }, data });
  return { id };
}

const saved = { repository: "app", has_username: true, test: "none" } as const;
const about = (id: string, done: Promise<unknown>) => done.then(() => id);

/** Where the refusal itself is what is on record. */
const refusedWith = async (id: string, code: string, done: Promise<unknown>) => {
  const error = await done.then(() => undefined).catch((thrown: unknown) => thrown);
  if (error instanceof DomainError && error.code === code) return id;
  throw error;
};

const LINES = { text: "https://gitlab.com/team/app.git,bot,glpat-abcdefghijklmnopqrst", provider: null };
const inTwoHours = () => ({ ...ctx, clock: () => new Date(Date.now() + 2 * 3_600_000) });
const inAMonth = () => ({ ...ctx, clock: () => new Date(Date.now() + 31 * 24 * 3_600_000) });

async function member() {
  const email = `${randomUUID()}@example.com`;
  return makeMember(database.db, acme, { email, password: PASSWORD, role: "viewer" });
}

async function invited() {
  const email = `${randomUUID()}@example.com`;
  const { token } = await inviteMember(ctx, { email, role: "viewer" });
  return {
    email,
    token,
    ...(await database.db.invitation.findFirstOrThrow({ where: { email }, select: { id: true } })),
  };
}

const webhook = () =>
  addWebhook(ctx, {
    url: "https://hooks.example/in",
    secret: "a-secret-of-the-receiver",
    events: ["repo.sync.failed"],
  });

async function delivery() {
  const { id: webhookId } = await webhook();
  const id = newId("dlv");
  await database.db.webhookDelivery.create({
    data: { id, webhookId, event: "webhook.test", payload: "{}", createdAt: new Date() },
  });
  return { id, webhookId };
}

/** Each way to each event, with all that it may say. */
const EVENTS: [AuditAction, string, () => Promise<Arranged>][] = [
  [
    "organization.created",
    "as at set-up",
    () => {
      const slug = `made-${randomUUID()}`.slice(0, 40);
      const act = () => database.db.$transaction((tx) => createOrganization(tx, ctx, { slug, by: "set-up" }));
      return Promise.resolve({ act: async () => (await act()).id, details: { slug }, system: "set-up" });
    },
  ],
  [
    "organization.backed_up",
    "by the command",
    () => {
      const source = { connectionString: database.url, ring: makeKeyRing("test") };
      const act = () => about(acme.id, writeBackup(path.join(folder, `${randomUUID()}.zip`), source));
      return Promise.resolve({ act, details: {}, system: "npm run backup" });
    },
  ],
  [
    "organization.keep_days_changed",
    "by an admin",
    () => Promise.resolve({ act: () => about(acme.id, keepPreviousFor(ctx, { days: 3 })), details: { days: 3 } }),
  ],
  [
    "organization.token_policy_changed",
    "by an admin",
    () => {
      const act = () => about(acme.id, changeTokenPolicy(ctx, { audience: "latchkey", maxMinutes: 60 }));
      return Promise.resolve({ act, details: { audience: "latchkey", max_minutes: 60 } });
    },
  ],
  [
    "organization.repositories_exported",
    "as a file",
    () => {
      const act = () => about(acme.id, exportRepositories(ctx, { format: "csv" }));
      return Promise.resolve({ act, details: { format: "csv" } });
    },
  ],
  [
    "audit.exported",
    "as a file",
    () => {
      const act = () => about(acme.id, exportAudit(ctx, { format: "csv", actor: EMAIL }));
      return Promise.resolve({ act, details: { format: "csv", action: null, actor: EMAIL } });
    },
  ],
  [
    "repository.created",
    "with an upstream",
    () => {
      const upstream = { provider: "gitlab", host: "gitlab.com", owner: "acme", name: "app" } as const;
      const act = () => createRepository(ctx, { name: "app", defaultBranch: "main", upstream });
      const details = { name: "app", provider: "gitlab", host: "gitlab.com" };
      return Promise.resolve({ act: async () => (await act()).id, details });
    },
  ],
  [
    "repository.deleted",
    "with its credential",
    async () => {
      const { repository: one } = await credential();
      const act = () => about(one.id, deleteRepository(ctx, { repository: one.id }));
      return { act, details: { name: "app", credential_removed: true } };
    },
  ],
  [
    "repository.detached",
    "without a credential",
    async () => {
      const { id } = await repository();
      const act = () => about(id, detachRepository(ctx, { repository: id }));
      return { act, details: { name: "app", credential_removed: false } };
    },
  ],
  [
    "repository.schedule_changed",
    "in its settings",
    async () => {
      const { id } = await repository();
      const act = () => about(id, chooseSchedule(ctx, { repository: id, everyMinutes: 360 }));
      return { act, details: { name: "app", every_minutes: 360 } };
    },
  ],
  [
    "repository.write_expected",
    "in its settings",
    async () => {
      const { id } = await repository();
      const act = () => about(id, expectWrites(ctx, { repository: id, expectsWrite: true }));
      return { act, details: { name: "app", expected: true } };
    },
  ],
  [
    "repository.pulls_paused",
    "after the third refusal",
    async () => {
      const { id, name } = await repository();
      await database.db.repository.update({ where: { id }, data: { refusals: 2 } });
      const run = newId("run");
      await database.db.syncRun.create({
        data: { id: run, repositoryId: id, requestedBy: "schedule", startedAt: new Date() },
      });
      const { upstream } = await database.db.repository.findUniqueOrThrow({
        where: { id },
        select: { upstream: { select: { provider: true, host: true, owner: true, name: true, canonicalPath: true } } },
      });
      const outcome = "needs_credential";
      const nothing = { reason: null, bytes: 0, path: "", before: new Map(), after: new Map() };
      const { organizationId, organizationSlug } = ctx.actor;
      const system = { ...ctx, actor: { kind: "system", name: "pull", organizationId, organizationSlug } } as const;
      const pulled = { id, name, upstream: upstream!, credential: null, ref: null };
      const result = { outcome: "rejected" as const, ...nothing };
      const act = () => about(id, keepPull(system, pulled, { run, outcome, result, back: false }));
      return { act, details: { name: "app", refusals: 3, outcome }, system: "pull" };
    },
  ],
  [
    "repository.pulls_resumed",
    "by a pull that somebody asks for",
    async () => {
      const { id } = await repository();
      await database.db.repository.update({ where: { id }, data: { refusals: 3, pausedAt: new Date() } });
      return { act: () => about(id, requestPull(ctx, { repository: id })), details: { name: "app" } };
    },
  ],
  [
    "repository.pulls_resumed",
    "by a rotation",
    async () => {
      const { id, repository: one } = await credential();
      await database.db.repository.update({ where: { id: one.id }, data: { refusals: 3, pausedAt: new Date() } });
      return { act: () => about(one.id, rotateCredential(ctx, { id, password: "new" })), details: { name: "app" } };
    },
  ],
  [
    "credential.created",
    "untested",
    async () => {
      // The organization's first one makes a key for the fingerprints of all, which stays.
      const { id: first, repository: one } = await credential();
      await removeCredential(ctx, { id: first });
      const act = () => createCredential(ctx, { repository: one.id, username: "bot", password: "good" });
      return { act: async () => (await act()).id, details: { ...saved, version: 1 } };
    },
  ],
  [
    "credential.rotated",
    "untested",
    async () => {
      const { id } = await credential();
      return {
        act: () => about(id, rotateCredential(ctx, { id, password: "new" })),
        details: { ...saved, version: 2 },
      };
    },
  ],
  [
    "credential.staged",
    "before its test",
    async () => {
      const { id } = await credential();
      const found = await findCredential(ctx, id);
      const act = () => about(id, stageSecret(ctx, found, { username: null, password: "good-too" }));
      return { act, details: { repository: "app", version: 2 } };
    },
  ],
  [
    "credential.staged_erased",
    "by somebody who discards it",
    async () => {
      const { id } = await credential();
      await stageSecret(ctx, await findCredential(ctx, id), { username: null, password: "good-too" });
      return { act: () => about(id, discardRotation(ctx, { id })), details: { repository: "app", version: 2 } };
    },
  ],
  [
    "credential.staged_erased",
    "by another one that takes its place",
    async () => {
      const { id } = await credential();
      await stageSecret(ctx, await findCredential(ctx, id), { username: null, password: "lost" });
      const found = await findCredential(ctx, id);
      const act = () => about(id, stageSecret(ctx, found, { username: null, password: "good-too" }));
      return { act, details: { repository: "app", version: 2 } };
    },
  ],
  [
    "credential.tested",
    "by hand",
    async () => {
      const { id } = await credential();
      const details = { repository: "app", version: 1, outcome: "reads_and_writes" };
      return { act: () => about(id, testCredential(ctx, { id })), details };
    },
  ],
  [
    "credential.refused",
    "before it is saved",
    async () => {
      const { id } = await repository();
      const create = () => createCredential(ctx, { repository: id, password: "wrong", test: "required" });
      const act = () => refusedWith(id, "credential_refused", create());
      return { act, details: { repository: "app", outcome: "rejected" } };
    },
  ],
  [
    "credential.rolled_back",
    "by hand",
    async () => {
      const { id } = await credential(2);
      const details = { repository: "app", version: 3, automatic: false };
      return { act: () => about(id, rollBackCredential(ctx, { id })), details };
    },
  ],
  [
    "credential.previous_erased",
    "by hand",
    async () => {
      const { id } = await credential(2);
      return { act: () => about(id, erasePrevious(ctx, { id })), details: { repository: "app" } };
    },
  ],
  [
    "credential.previous_erased",
    "at the end of its time",
    async () => {
      const { id } = await credential(2);
      return { act: () => about(id, eraseExpired(inAMonth())), details: { repository: "app" }, system: "end of time" };
    },
  ],
  [
    "credential.renewal_turned_on",
    "by an admin",
    async () => {
      const { id } = await renewable();
      return { act: () => about(id, chooseRenewal(ctx, { id, on: true })), details: { repository: "app" } };
    },
  ],
  [
    "credential.renewal_turned_off",
    "by an admin",
    async () => {
      const { id } = await renewable();
      await chooseRenewal(ctx, { id, on: true });
      return { act: () => about(id, chooseRenewal(ctx, { id, on: false })), details: { repository: "app" } };
    },
  ],
  [
    "credential.removed",
    "by an admin",
    async () => {
      const { id } = await credential();
      return { act: () => about(id, removeCredential(ctx, { id })), details: { repository: "app" } };
    },
  ],
  [
    "credential.unreadable",
    "when it is used",
    async () => {
      const { id } = await credential();
      await database.db.credentialSecret.updateMany({
        where: { credentialId: id },
        data: { sealed: Buffer.alloc(600) },
      });
      const found = await findCredential(ctx, id);
      const open = () => withOpenSecret(ctx, found, () => Promise.resolve());
      const act = () => refusedWith(id, "credential_unreadable", open());
      return { act, details: { repository: "app", version: 1 } };
    },
  ],
  [
    "rotation.requested",
    "for all that share a token",
    async () => {
      const { id } = await credential();
      const act = async () => (await requestRotation(ctx, { id, password: "good-too" })).id;
      return { act, details: { host: host.host, repositories: 1 } };
    },
  ],
  [
    "rotation.cancelled",
    "while it waits",
    async () => {
      const { id } = await requestRotation(ctx, { id: (await credential()).id, password: "good-too" });
      return { act: () => about(id, cancelRotation(ctx, { id })), details: { host: host.host } };
    },
  ],
  [
    "import.prepared",
    "to be looked at",
    () => Promise.resolve({ act: async () => (await prepareImport(ctx, LINES)).id, details: { lines: 1 } }),
  ],
  [
    "import.started",
    "by who looked at it",
    async () => {
      const { id } = await prepareImport(ctx, LINES);
      return { act: () => about(id, startImport(ctx, { id })), details: { lines: 1 } };
    },
  ],
  [
    "import.cancelled",
    "before it began",
    async () => {
      const { id } = await prepareImport(ctx, LINES);
      return { act: () => about(id, cancelImport(ctx, { id })), details: { lines: 1 } };
    },
  ],
  [
    "import.cancelled",
    "by another one that takes its place",
    async () => {
      const { id } = await prepareImport(ctx, LINES);
      return { act: () => about(id, prepareImport(ctx, LINES)), details: { lines: 1 } };
    },
  ],
  [
    "import.cancelled",
    "where it is forgotten",
    async () => {
      const { id } = await prepareImport(ctx, LINES);
      const act = () => about(id, eraseForgottenImports(inTwoHours()));
      return { act, details: { lines: 1 }, system: "end of time" };
    },
  ],
  [
    "signing_key.added",
    "by an admin",
    () => {
      const { publicKeyPem } = makeKeyPair(acme.slug);
      const thumbprint = expect.stringMatching(/^[\w-]{43}$/) as string;
      const act = async () => (await addSigningKey(ctx, { name: "ci", publicKeyPem })).id;
      return Promise.resolve({ act, details: { name: "ci", algorithm: "ES256", thumbprint } });
    },
  ],
  [
    "signing_key.revoked",
    "by an admin",
    async () => {
      const { id } = await makeSigningKey(database.db, acme);
      const thumbprint = expect.stringMatching(/^[\w-]{43}$/) as string;
      return { act: () => about(id, revokeSigningKey(ctx, { id })), details: { name: "ci", thumbprint } };
    },
  ],
  [
    "member.invited",
    "by an owner",
    () => {
      const email = `${randomUUID()}@example.com`;
      const act = async () => {
        await inviteMember(ctx, { email, role: "admin" });
        return (await database.db.invitation.findFirstOrThrow({ where: { email } })).id;
      };
      return Promise.resolve({ act, details: { email, role: "admin" } });
    },
  ],
  [
    "member.invitation_withdrawn",
    "by an owner",
    async () => {
      const { id, email } = await invited();
      return { act: () => about(id, withdrawInvitation(ctx, { id })), details: { email } };
    },
  ],
  [
    "member.joined",
    "by an invitation",
    async () => {
      const { email, token } = await invited();
      const act = async () => (await acceptInvitation(ctx, { token, password: PASSWORD })).userId;
      return { act, details: { email, role: "viewer" }, member: email };
    },
  ],
  [
    "member.role_changed",
    "by an owner",
    async () => {
      const { userId, email } = await member();
      const act = () => about(userId, changeRole(ctx, { userId, role: "admin" }));
      return { act, details: { email, from: "viewer", to: "admin" } };
    },
  ],
  [
    "member.removed",
    "by an owner",
    async () => {
      const { userId, email } = await member();
      return { act: () => about(userId, removeMember(ctx, { userId })), details: { email } };
    },
  ],
  [
    "member.notices_chosen",
    "by oneself",
    () => {
      const { userId } = ctx.actor as { userId: string };
      const act = () => about(userId, chooseNotices(ctx, { events: ["credential.rejected", "credential.rotated"] }));
      return Promise.resolve({ act, details: { email: EMAIL, events: "credential.rejected credential.rotated" } });
    },
  ],
  [
    "member.reset_link_issued",
    "by the operator",
    async () => {
      const { userId, email } = await member();
      return { act: () => about(userId, issueResetLink(ctx, email)), details: { email }, system: "npm run admin" };
    },
  ],
  [
    "member.password_changed",
    "by a reset link",
    async () => {
      const { userId, email } = await member();
      const token = await issueResetLink(ctx, email);
      const act = () => about(userId, resetPassword(ctx, { token, password: "another long password" }));
      return { act, details: { email }, system: "reset link" };
    },
  ],
  [
    "member.identity_unlinked",
    "by a reset link",
    async () => {
      const { userId, email } = await member();
      const issuer = "https://id.example";
      await database.db.identity.create({ data: { issuer, subject: randomUUID(), userId } });
      const token = await issueResetLink(ctx, email);
      const act = () => about(userId, resetPassword(ctx, { token, password: "another long password" }));
      return { act, details: { email, issuer }, system: "reset link" };
    },
  ],
  [
    "webhook.added",
    "by an admin",
    () => {
      const details = { host: "hooks.example", events: "repo.sync.failed" };
      return Promise.resolve({ act: async () => (await webhook()).id, details });
    },
  ],
  [
    "webhook.removed",
    "by an admin",
    async () => {
      const { id } = await webhook();
      return { act: () => about(id, removeWebhook(ctx, { id })), details: { host: "hooks.example" } };
    },
  ],
  [
    "webhook.tested",
    "by an admin",
    async () => {
      const { id } = await webhook();
      return { act: () => about(id, sendTest(ctx, { id })), details: { host: "hooks.example" } };
    },
  ],
  [
    "webhook.replayed",
    "by an admin",
    async () => {
      const { id, webhookId } = await delivery();
      const details = { host: "hooks.example", event: "webhook.test" };
      return { act: () => about(webhookId, replayDelivery(ctx, { id })), details };
    },
  ],
  [
    "webhook.paused",
    "after too many failures",
    async () => {
      const { id, webhookId } = await delivery();
      await database.db.webhook.update({ where: { id: webhookId }, data: { failures: MAX_FAILURES - 1 } });
      const attempt = { status: 500, reason: null };
      const act = () => about(webhookId, keepAttempt(ctx, { id, webhookId, attempt, final: false }));
      return { act, details: { host: "hooks.example" }, system: "delivery" };
    },
  ],
  [
    "webhook.resumed",
    "by a yes",
    async () => {
      const { id, webhookId } = await delivery();
      const data = { failures: MAX_FAILURES, pausedAt: new Date() };
      await database.db.webhook.update({ where: { id: webhookId }, data });
      const attempt = { status: 204, reason: null };
      const act = () => about(webhookId, keepAttempt(ctx, { id, webhookId, attempt, final: false }));
      return { act, details: { host: "hooks.example" }, system: "delivery" };
    },
  ],
];

describe("the closed list of events", () => {
  it("has a row here for each, or names the test that sees it", () => {
    const here = new Set(EVENTS.map(([action]) => action));
    const elsewhere = Object.keys(ELSEWHERE) as AuditAction[];
    expect([...here, ...elsewhere].sort()).toEqual([...AUDIT_ACTIONS].sort());
    for (const action of elsewhere) expect(readFileSync(ELSEWHERE[action]!, "utf8")).toContain(`"${action}"`);
  });
});

describe("what cannot be recorded does not happen, and what happens is recorded", () => {
  it.each(EVENTS)("%s, %s", async (action, _, arrange) => {
    const { act, details, system, member: by = EMAIL } = await arrange();
    const before = await tablesDigest(database.db);
    await database.db.$executeRaw`ALTER TABLE audit_event ADD CONSTRAINT refused CHECK (false) NOT VALID`;
    try {
      await expect(act()).rejects.toThrow();
    } finally {
      await database.db.$executeRaw`ALTER TABLE audit_event DROP CONSTRAINT refused`;
    }
    expect(await changedSince(database.db, before)).toBe("nothing changed");

    const targetId = await act();
    const events = await database.db.auditEvent.findMany({ where: { action, targetId } });
    expect(events.map(({ payload }) => JSON.parse(payload) as unknown)).toEqual([
      expect.objectContaining({
        actor: system === undefined ? { kind: "member", name: by } : { kind: "system", name: system },
        address: action === "organization.backed_up" ? null : "192.0.2.7",
        action,
        target: { kind: action.split(".")[0], id: targetId },
        details,
      }),
    ]);
  });
});
