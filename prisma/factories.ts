import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { calculateJwkThumbprint, SignJWT } from "jose";
import type { MemberActor } from "@/lib/domain/access/actor";
import type { Context } from "@/lib/domain/context";
import { secretBinding } from "@/lib/domain/credentials/secret-binding";
import { newLinkToken } from "@/lib/domain/members/link-token";
import { newId } from "@/lib/domain/new-id";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { upstreamOrigin } from "@/lib/domain/upstream/remote-url";
import { parseKeyRing, type KeyRing } from "@/lib/domain/vault/key-ring";
import { createVault } from "@/lib/domain/vault/vault";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";
import type { Role } from "@/lib/platform/prisma-client/enums";

// Rows for the demo, the tests and the benchmark: made straight in the database, where the verbs are not the subject.

export interface MadeOrganization {
  id: string;
  slug: string;
}

/** An organization with the start of its audit chain. */
export async function makeOrganization(db: PrismaClient, slug: string): Promise<MadeOrganization> {
  const id = newId("org");
  await db.organization.create({ data: { id, slug, auditChain: { create: { hash: new Uint8Array(32) } } } });
  return { id, slug };
}

/** A user with a password and a role. */
export async function makeMember(
  db: PrismaClient,
  organization: MadeOrganization,
  { email, password, role }: { email: string; password: string; role: Role },
): Promise<MemberActor> {
  const user = await db.user.upsert({
    where: { email },
    update: {},
    create: { id: newId("usr"), email, passwordHash: await hash(password) },
  });
  await db.membership.create({ data: { organizationId: organization.id, userId: user.id, role } });
  return memberActor(organization, { userId: user.id, email, role });
}

/** An open invitation; its token is the link's. */
export async function makeInvitation(
  db: PrismaClient,
  organization: MadeOrganization,
  { email, role }: { email: string; role: Role },
): Promise<{ token: string }> {
  const { token, tokenHash } = newLinkToken();
  const expiresAt = new Date(Date.now() + 60 * 60 * 1000);
  const data = { id: newId("inv"), organizationId: organization.id, email, role, tokenHash, expiresAt };
  await db.invitation.create({ data: { ...data, invitedBy: "ada@example.com" } });
  return { token };
}

/** An actor without a row, for verbs whose subject is not the member. */
export function memberActor(
  organization: MadeOrganization,
  member: { userId?: string; email?: string; role?: Role } = {},
): MemberActor {
  return {
    kind: "member",
    userId: member.userId ?? newId("usr"),
    email: member.email ?? "ada@example.com",
    organizationId: organization.id,
    organizationSlug: organization.slug,
    role: member.role ?? "owner",
  };
}

/** A repository, mirrored from GitLab unless said otherwise. */
export async function makeRepository(
  db: PrismaClient,
  organization: MadeOrganization,
  name: string,
  upstream: {
    provider: "gitlab" | "gitea" | "forgejo" | "bitbucket" | "codeberg" | "srht" | "github";
    host: string;
    owner: string;
    name: string;
  } | null = {
    provider: "gitlab",
    host: "gitlab.com",
    owner: "acme",
    name: "app",
  },
): Promise<{ id: string; name: string }> {
  const id = newId("repo");
  await db.repository.create({
    data: {
      id,
      organizationId: organization.id,
      name,
      liveName: name,
      defaultBranch: "main",
      ...(upstream && { upstream: { create: upstream } }),
    },
  });
  return { id, name };
}

export interface MadeKey {
  id: string;
  privateKeyPem: string;
  publicKeyPem: string;
  /** Signs a token of the organization; claims given here win. */
  token(claims?: Record<string, unknown>): Promise<string>;
}

/** A fresh ES256 pair that nobody has stored. */
export function makeKeyPair(issuer: string): MadeKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    id: newId("key"),
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    token(claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({
        iss: issuer,
        sub: "ci",
        repo: "org",
        scopes: ["git:read", "git:write", "repo:write", "org:read"],
        iat: now,
        exp: now + 3600,
        ...claims,
      })
        .setProtectedHeader({ alg: "ES256", typ: "JWT" })
        .sign(privateKey);
    },
  };
}

/** A pair whose public half the organization has stored. */
export async function makeSigningKey(db: PrismaClient, organization: MadeOrganization, name = "ci"): Promise<MadeKey> {
  const key = makeKeyPair(organization.slug);
  const jwk = createPublicKey(key.publicKeyPem).export({ format: "jwk" });
  await db.signingKey.create({
    data: {
      id: key.id,
      organizationId: organization.id,
      name,
      algorithm: "ES256",
      publicKeyPem: key.publicKeyPem,
      thumbprint: await calculateJwkThumbprint(jwk as Parameters<typeof calculateJwkThumbprint>[0]),
    },
  });
  return key;
}

/**
 * Repositories with a credential each, sealed as saving seals them, in as few statements as hold them. The password of
 * each is the id of its repository.
 */
export async function makeSealedCredentials(
  db: PrismaClient,
  organization: MadeOrganization,
  ring: KeyRing,
  count: number,
): Promise<{ id: string; repositoryId: string }[]> {
  const vault = createVault(() => ring);
  const upstream = { provider: "gitlab", host: "gitlab.com", owner: "acme", name: "app" } as const;
  const made = Array.from({ length: count }, () => ({ id: newId("ggc"), repositoryId: newId("repo") }));
  for (let from = 0; from < count; from += 2_000) {
    const batch = made.slice(from, from + 2_000);
    const { id: organizationId } = organization;
    await db.repository.createMany({
      data: batch.map(({ repositoryId: id }) => ({
        id,
        organizationId,
        name: id,
        liveName: id,
        defaultBranch: "main",
      })),
    });
    await db.upstream.createMany({ data: batch.map(({ repositoryId }) => ({ repositoryId, ...upstream })) });
    await db.gitCredential.createMany({
      data: batch.map(({ id, repositoryId }) => ({ id, repositoryId, hasUsername: false, addedBy: "factory" })),
    });
    await db.credentialSecret.createMany({
      data: batch.map(({ id, repositoryId }) => {
        const bound = { organizationId, repositoryId, credentialId: id, version: 1 };
        const binding = secretBinding({ ...bound, upstreamOrigin: upstreamOrigin(upstream) });
        return { credentialId: id, version: 1, ...vault.seal(binding, { username: null, password: repositoryId }) };
      }),
    });
  }
  return made;
}

/** A key ring with keys that are good for tests only, and the same for the same ids. The databases of tests know "test". */
export function makeKeyRing(...keyIds: string[]): KeyRing {
  const entry = (id: string) => `${id}:${createHash("sha256").update(`latchkey tests ${id}`).digest("base64")}`;
  return parseKeyRing(keyIds.map(entry).join(","));
}

/** What a verb gets, around a real database. */
export function makeContext(db: PrismaClient, actor: Context["actor"], overrides: Partial<Context> = {}): Context {
  const egress = createEgressPolicy([]);
  return {
    actor,
    db,
    vault: createVault(() => makeKeyRing("test")),
    egress,
    upstream: createUpstreamClient(egress),
    mailFrom: null,
    clock: () => new Date(),
    requestId: "test-request",
    address: "192.0.2.7",
    ...overrides,
  };
}
