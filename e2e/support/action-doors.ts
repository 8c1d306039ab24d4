import { createHash, randomBytes } from "node:crypto";
import { makeKeyPair, makeRepository } from "@/prisma/factories";
import { appCode } from "./authenticator";
import type { Scene } from "./scene";

/** A server action as a door: who may go through, with what, and what the others are told. */
export interface ActionDoor {
  /**
   * `owner`, `admin` and `member` are roles in the organization that is bound to the action; `user` is somebody signed in,
   * for their own account; `anybody` is everybody, and what is typed decides; `browser` touches its own cookies alone.
   */
  who: "owner" | "admin" | "member" | "user" | "anybody" | "browser";
  /** The page that it belongs to, without the organization where it has one. */
  page: string;
  /** Makes what it needs; answers the fields that somebody who may sends. */
  fields?: (scene: Scene) => Promise<Record<string, string>> | Record<string, string>;
  /** What somebody sends who may not go through a door that is open to anybody, and what they are told. */
  worthless?: { fields: Record<string, string>; told: RegExp };
  /** What even somebody who may is told, where what it takes cannot be had here. */
  allowed?: RegExp;
  /** What the same request is told that is sent once more; absent where it may simply be done again. */
  again?: RegExp;
  /** That somebody was refused is on record in the organization, soon after the answer. */
  refusalRecorded?: boolean;
  /** Nothing is written in the organization or of the user. */
  leavesNothing?: boolean;
  /** A job of the worker's goes on with it, and writes when its turn comes. */
  workerGoesOn?: boolean;
  /** It takes no form's state before. */
  stateless?: boolean;
  /** It takes a text and no form. */
  typed?: string;
}

const NO_SUCH = /There is no such/;

async function repository({ latchkey, organization, gitHost }: Scene): Promise<{ id: string; name: string }> {
  const upstream = { provider: "gitlab", host: gitHost.host, owner: "acme", name: "app" } as const;
  return makeRepository(latchkey.db, organization, `r-${randomBytes(4).toString("hex")}`, upstream);
}

/** A token that the Git host takes. */
function goodToken({ gitHost }: Scene): string {
  const token = `glpat-${randomBytes(20).toString("hex")}`;
  gitHost.tokens.set(token, "write");
  return token;
}

/** A repository with a credential, stored through the page's own action. */
async function credential(scene: Scene): Promise<{ id: string; repository: string }> {
  const { id: repositoryId, name } = await repository(scene);
  const fields = { repository: repositoryId, username: "", password: goodToken(scene), untested: "on" };
  await ofCredential(scene, "addCredential", fields);
  const { id } = await scene.latchkey.db.gitCredential.findUniqueOrThrow({ where: { repositoryId } });
  return { id, repository: name };
}

/** A credential that was rotated, so that there is a secret before the current one. */
async function rotated(scene: Scene): Promise<{ id: string }> {
  const { id } = await credential(scene);
  const fields = { id, usernameChoice: "none", username: "", password: goodToken(scene), untested: "on" };
  await ofCredential(scene, "rotateThisCredential", fields);
  return { id };
}

function ofCredential(scene: Scene, act: string, fields: Record<string, string>) {
  const { slug } = scene.organization;
  const name = `(dashboard)/[org]/repos/[repo]/settings/credential#${act}`;
  return scene.act(scene.owner, name, { path: `/${slug}${CREDENTIAL_PAGE}`, bound: [slug], fields });
}

/** A credential with a new secret that was left pending, which nobody can open. */
async function pending(scene: Scene): Promise<{ id: string }> {
  const { id } = await credential(scene);
  const { gitCredential, credentialSecret } = scene.latchkey.db;
  await gitCredential.update({ where: { id }, data: { pendingVersion: 2, lastVersion: 2, pendingBy: "test" } });
  const secret = await credentialSecret.findFirstOrThrow({ where: { credentialId: id } });
  await credentialSecret.create({ data: { ...secret, version: 2 } });
  return { id };
}

/** A webhook with a delivery. */
async function webhook({ latchkey, organization }: Scene): Promise<{ id: string; delivery: string }> {
  const id = `whk_${randomBytes(6).toString("hex")}`;
  const delivery = `del_${id}`;
  const row = { id, url: "https://hooks.invalid/", addedBy: "test", events: ["repo.sync.failed"], masterKeyId: "k1" };
  await latchkey.db.webhook.create({
    data: {
      ...row,
      sealed: new Uint8Array(8),
      organizationId: organization.id,
      deliveries: { create: { id: delivery, event: "repo.sync.failed", payload: "{}" } },
    },
  });
  return { id, delivery };
}

/** An import that nobody has begun. */
async function waitingImport({ latchkey, organization }: Scene): Promise<{ id: string }> {
  const id = `imp_${randomBytes(6).toString("hex")}`;
  await latchkey.db.repositoryImport.create({ data: { id, requestedBy: "test", organizationId: organization.id } });
  return { id };
}

/** What the owner proves before a second factor changes that is on. */
async function ownProof(scene: Scene): Promise<Record<string, string>> {
  const { recoveryCode: code } = await scene.turnOnSecondFactor(scene.owner);
  return { current: scene.owner.password, code };
}

/** The token of a link whose hash is stored as given. */
async function link(store: (tokenHash: string) => Promise<unknown>): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  await store(createHash("sha256").update(token).digest("hex"));
  return token;
}

const inAnHour = () => new Date(Date.now() + 3_600_000);

const CREDENTIAL_PAGE = "/repos/any/settings/credential";
const WEBHOOK_PAGE = "/settings/webhooks/any";
const IMPORT_PAGE = "/import/any";
const MEMBERS = "/settings/members";
const SECOND_FACTOR = "/account/second-factor";
const NEW_PASSWORD = "a whole new password";

/** Every server action there is; the test that reads this fails for one that is missing here. */
export const ACTION_DOORS: Record<string, ActionDoor> = {
  "(auth)/sign-in#signIn": {
    who: "anybody",
    page: "/sign-in",
    worthless: {
      fields: { email: "somebody@example.com", password: "a guess", next: "" },
      told: /do not belong together/,
    },
    fields: ({ owner: { email, password } }) => ({ email, password, next: "" }),
  },
  "(auth)/sign-in/code#proveCode": {
    who: "anybody",
    page: "/sign-in/code",
    worthless: { fields: { code: "000000", next: "" }, told: /took too long|This code is wrong/ },
    refusalRecorded: true,
    fields: async (scene) => {
      const { key } = await scene.turnOnSecondFactor(scene.owner);
      const { email, password } = scene.owner;
      const fields = { email, password, next: "" };
      await scene.act(scene.stranger, "(auth)/sign-in#signIn", { path: "/sign-in", fields });
      return { code: appCode(key, 1), next: "" };
    },
    again: /took too long/,
  },
  "(auth)/invite#acceptInvitation": {
    who: "anybody",
    page: "/invite",
    worthless: { fields: { token: "worthless", password: NEW_PASSWORD }, told: /was used, withdrawn or has expired/ },
    fields: async ({ latchkey, organization }) => {
      const id = `inv_${randomBytes(6).toString("hex")}`;
      const row = { id, email: `${id}@example.com`, role: "viewer", invitedBy: "test", expiresAt: inAnHour() } as const;
      const token = await link((tokenHash) =>
        latchkey.db.invitation.create({ data: { ...row, tokenHash, organizationId: organization.id } }),
      );
      return { token, password: NEW_PASSWORD };
    },
    again: /was used, withdrawn or has expired/,
  },
  "(auth)/invite#joinAsMyself": {
    who: "user",
    page: "/invite",
    // Removed, and invited anew.
    fields: async ({ latchkey, organization, owner: { userId, email } }) => {
      await latchkey.db.membership.deleteMany({ where: { userId } });
      const id = `inv_${randomBytes(6).toString("hex")}`;
      const row = { id, email, role: "viewer", invitedBy: "test", expiresAt: inAnHour() } as const;
      const token = await link((tokenHash) =>
        latchkey.db.invitation.create({ data: { ...row, tokenHash, organizationId: organization.id } }),
      );
      return { token };
    },
    again: /was used, withdrawn or has expired/,
  },
  "(auth)/reset#resetPassword": {
    who: "anybody",
    page: "/reset",
    worthless: { fields: { token: "worthless", password: NEW_PASSWORD }, told: /was used already, or has expired/ },
    fields: async ({ latchkey, owner: { userId } }) => {
      const token = await link((tokenHash) =>
        latchkey.db.oneTimeLink.create({ data: { tokenHash, purpose: "reset", userId, expiresAt: inAnHour() } }),
      );
      return { token, password: NEW_PASSWORD };
    },
    again: /was used already, or has expired/,
  },
  "(auth)/setup#setUpFirst": {
    who: "anybody",
    page: "/setup",
    worthless: {
      fields: { token: "worthless", organization: "mine", email: "me@example.com", password: NEW_PASSWORD },
      told: /was used already, or has expired/,
    },
    fields: async ({ latchkey }) => {
      const token = await link((tokenHash) =>
        latchkey.db.oneTimeLink.create({ data: { tokenHash, purpose: "setup", expiresAt: inAnHour() } }),
      );
      const name = `first-${randomBytes(4).toString("hex")}`;
      return { token, organization: name, email: `${name}@example.com`, password: NEW_PASSWORD };
    },
    again: /was used already, or has expired/,
    leavesNothing: true,
  },
  // Whose session it ends is in the cookie; that it ends it, every other row shows with a session that was signed out of.
  "(dashboard)#signOut": { who: "browser", page: "/repos", leavesNothing: true },
  "(dashboard)#setTheme": {
    who: "browser",
    page: "/repos",
    fields: () => ({ theme: "dark" }),
    leavesNothing: true,
    stateless: true,
  },
  "(dashboard)/account#changeMyPassword": {
    who: "user",
    page: "/account",
    fields: ({ owner }) => ({ current: owner.password, password: NEW_PASSWORD }),
    again: /not your current password/,
  },
  "(dashboard)/account#endSession": {
    who: "user",
    page: "/account",
    fields: async ({ latchkey, owner: { userId } }) => {
      const id = `ses_${randomBytes(6).toString("hex")}`;
      await latchkey.db.session.create({ data: { id, userId, expiresAt: inAnHour() } });
      return { id };
    },
    again: NO_SUCH,
  },
  "(dashboard)/account#endOtherSessions": {
    who: "user",
    page: "/account",
    fields: async ({ latchkey, owner: { userId } }) => {
      await latchkey.db.session.create({ data: { id: `ses_${userId}`, userId, expiresAt: inAnHour() } });
      return {};
    },
    again: NO_SUCH,
  },
  "(dashboard)/account/second-factor#beginMySecondFactor": {
    who: "user",
    page: SECOND_FACTOR,
    fields: ({ owner }) => ({ current: owner.password }),
  },
  "(dashboard)/account/second-factor#turnOnMySecondFactor": {
    who: "user",
    page: SECOND_FACTOR,
    fields: async (scene) => ({ code: appCode((await scene.beginSecondFactor(scene.owner)).key) }),
    again: /nothing to turn on/,
  },
  "(dashboard)/account/second-factor#renewMyRecoveryCodes": {
    who: "user",
    page: SECOND_FACTOR,
    fields: ownProof,
    again: /was used already/,
  },
  "(dashboard)/account/second-factor#turnOffMySecondFactor": {
    who: "user",
    page: SECOND_FACTOR,
    fields: ownProof,
    again: /was used already/,
  },
  "(dashboard)/[org]#findRepositories": {
    who: "member",
    page: "/repos",
    leavesNothing: true,
    typed: "r",
  },
  "(dashboard)/[org]/repos/new#addRepository": {
    who: "admin",
    page: "/repos/new",
    fields: () => ({
      provider: "gitlab",
      host: "gitlab.com",
      owner: "acme",
      upstreamName: "app",
      name: `new-${randomBytes(4).toString("hex")}`,
      defaultBranch: "main",
    }),
    again: /already exists/,
  },
  "(dashboard)/[org]/repos/[repo]#pullNow": {
    who: "admin",
    workerGoesOn: true,
    page: "/repos/any",
    fields: async (scene) => ({ repository: (await repository(scene)).id }),
  },
  "(dashboard)/[org]/repos/[repo]/settings#chooseThisSchedule": {
    who: "admin",
    page: "/repos/any/settings",
    fields: async (scene) => ({ repository: (await repository(scene)).id, everyMinutes: "0" }),
  },
  "(dashboard)/[org]/repos/[repo]/settings#expectTheseWrites": {
    who: "admin",
    page: "/repos/any/settings",
    fields: async (scene) => ({ repository: (await repository(scene)).id, expected: "on" }),
  },
  "(dashboard)/[org]/repos/[repo]/settings#deleteThisRepository": {
    who: "admin",
    page: "/repos/any/settings",
    fields: async (scene) => {
      const { id, name } = await repository(scene);
      return { repository: id, confirm: name };
    },
    again: NO_SUCH,
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#addCredential": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    fields: async (scene) => ({
      repository: (await repository(scene)).id,
      username: "",
      password: "x",
      untested: "on",
    }),
    again: /already has a credential/,
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#rotateThisCredential": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    fields: async (scene) => {
      const { id } = await credential(scene);
      return { id, usernameChoice: "none", username: "", password: "y", untested: "on" };
    },
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#testThisCredential": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    fields: async (scene) => ({ id: (await credential(scene)).id }),
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#removeThisCredential": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    fields: async (scene) => {
      const { id, repository: confirm } = await credential(scene);
      return { id, confirm };
    },
    again: NO_SUCH,
  },
  "(dashboard)/[org]/settings/members#invite": {
    who: "admin",
    page: MEMBERS,
    fields: () => ({ email: `i-${randomBytes(4).toString("hex")}@example.com`, role: "viewer" }),
  },
  "(dashboard)/[org]/settings/members#changeMemberRole": {
    who: "admin",
    page: MEMBERS,
    fields: ({ viewer: { userId } }) => ({ userId, role: "admin" }),
  },
  "(dashboard)/[org]/settings/members#removeThisMember": {
    who: "admin",
    page: MEMBERS,
    fields: ({ viewer: { userId } }) => ({ userId }),
    again: NO_SUCH,
  },
  "(dashboard)/[org]/settings/members#withdraw": {
    who: "admin",
    page: MEMBERS,
    fields: async ({ latchkey, organization }) => {
      const id = `inv_${randomBytes(6).toString("hex")}`;
      const row = { id, email: `${id}@example.com`, role: "viewer", invitedBy: "test", expiresAt: inAnHour() } as const;
      await latchkey.db.invitation.create({ data: { ...row, tokenHash: id, organizationId: organization.id } });
      return { id };
    },
    again: /no longer open/,
  },
  "(dashboard)/[org]/settings/signing-keys#addKey": {
    who: "admin",
    page: "/settings/signing-keys",
    fields: ({ organization }) => ({ name: "ci", publicKeyPem: makeKeyPair(organization.slug).publicKeyPem }),
    again: /once revoked, this very key/,
  },
  "(dashboard)/[org]/settings/signing-keys#changePolicy": {
    who: "admin",
    page: "/settings/signing-keys",
    fields: () => ({ audience: "latchkey", maxMinutes: "60" }),
  },
  "(dashboard)/[org]/settings/audit#checkNow": {
    who: "admin",
    page: "/settings/audit",
    leavesNothing: true,
    fields: () => ({}),
  },
  "(dashboard)/[org]/settings/signing-keys#revokeKey": {
    who: "admin",
    page: "/settings/signing-keys",
    fields: async ({ latchkey, organization }) => {
      const { id, publicKeyPem } = makeKeyPair(organization.slug);
      const row = { id, publicKeyPem, thumbprint: id, name: "ci", algorithm: "ES256" } as const;
      await latchkey.db.signingKey.create({ data: { ...row, organizationId: organization.id } });
      return { id };
    },
    again: /There is no such active key/,
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#finishThisRotation": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    fields: pending,
    allowed: /cannot be opened/,
    again: /cannot be opened/,
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#discardThisRotation": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    fields: pending,
    again: /No new secret is waiting/,
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#rollThisBack": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    fields: rotated,
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#eraseThePrevious": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    fields: rotated,
    again: /no previous secret/,
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#chooseThisRenewal": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    fields: async (scene) => {
      const { id } = await credential(scene);
      const expiresAt = new Date(Date.now() + 100 * 24 * 3_600_000);
      await scene.latchkey.db.gitCredential.update({
        where: { id },
        data: { tokenScopes: ["self_rotate"], expiresAt },
      });
      return { id, on: "true" };
    },
  },
  "(dashboard)/[org]/repos/[repo]/settings/credential#rotateForAll": {
    who: "admin",
    page: CREDENTIAL_PAGE,
    workerGoesOn: true,
    fields: async (scene) => ({ id: (await credential(scene)).id, password: goodToken(scene), sure: "on" }),
  },
  "(dashboard)/[org]/rotations/[rotation]#cancelTheRest": {
    who: "admin",
    page: "/rotations/any",
    fields: async ({ latchkey, organization }) => {
      const id = `rot_${randomBytes(6).toString("hex")}`;
      const row = { id, host: "git.invalid", requestedBy: "test", createdAt: new Date() };
      await latchkey.db.rotation.create({ data: { ...row, organizationId: organization.id } });
      return { id };
    },
    again: /no such rotation that still runs/,
  },
  "(dashboard)/[org]/import#previewImport": {
    who: "admin",
    page: "/import",
    fields: (scene) => ({ lines: `https://gitlab.com/acme/app.git, bot, ${goodToken(scene)}`, provider: "" }),
  },
  "(dashboard)/[org]/import/[import]#startThisImport": {
    who: "admin",
    page: IMPORT_PAGE,
    workerGoesOn: true,
    fields: waitingImport,
    again: /no such import that waits/,
  },
  "(dashboard)/[org]/import/[import]#cancelThisImport": {
    who: "admin",
    page: IMPORT_PAGE,
    fields: waitingImport,
    again: /no such import that waits or runs/,
  },
  "(dashboard)/[org]/settings/webhooks#addThisWebhook": {
    who: "admin",
    page: "/settings/webhooks",
    fields: () => ({ url: "https://hooks.invalid/", secret: "0123456789abcdef", on_repo_sync_failed: "on" }),
  },
  "(dashboard)/[org]/settings/webhooks#addThisSlackChannel": {
    who: "admin",
    page: "/settings/webhooks",
    fields: () => ({ url: "https://hooks.invalid/services/T0/B0/x", on_credential_rejected: "on" }),
  },
  "(dashboard)/[org]/settings/notices#chooseMyNotices": {
    who: "member",
    page: "/settings/notices",
    fields: () => ({ on_credential_rotated: "on" }),
  },
  "(dashboard)/[org]/settings/notices#sendMeATest": {
    who: "member",
    fields: () => ({}),
    page: "/settings/notices",
    allowed: /Mail is off/,
    again: /Mail is off/,
    leavesNothing: true,
  },
  "(dashboard)/[org]/settings/webhooks/[webhook]#testThisWebhook": {
    who: "admin",
    page: WEBHOOK_PAGE,
    workerGoesOn: true,
    fields: async (scene) => ({ id: (await webhook(scene)).id }),
  },
  "(dashboard)/[org]/settings/webhooks/[webhook]#replayThisDelivery": {
    who: "admin",
    page: WEBHOOK_PAGE,
    workerGoesOn: true,
    fields: async (scene) => ({ id: (await webhook(scene)).delivery }),
  },
  "(dashboard)/[org]/settings/webhooks/[webhook]#removeThisWebhook": {
    who: "admin",
    page: WEBHOOK_PAGE,
    fields: async (scene) => ({ id: (await webhook(scene)).id }),
    again: NO_SUCH,
  },
  "(dashboard)/[org]/settings/organization#keepPrevious": {
    who: "admin",
    page: "/settings/organization",
    fields: () => ({ days: "1" }),
  },
  "(dashboard)/[org]/settings/organization#changeSignInRule": {
    who: "owner",
    page: "/settings/organization",
    fields: async (scene) => {
      await scene.turnOnSecondFactor(scene.owner);
      return { required: "yes" };
    },
  },
};
