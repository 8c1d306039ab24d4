import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { explainToken, type TokenJudge } from "@/lib/contract/explain-token";
import type { TokenPolicy } from "@/lib/contract/token-claims";
import { tokenPolicyForm } from "@/lib/contract/signing-keys";
import type { Context } from "@/lib/domain/context";
import { DomainError } from "@/lib/domain/errors";
import { addSigningKey } from "@/lib/domain/signing-keys/add-signing-key";
import { changeTokenPolicy } from "@/lib/domain/signing-keys/change-token-policy";
import { listSigningKeys } from "@/lib/domain/signing-keys/list-signing-keys";
import { readTokenPolicy } from "@/lib/domain/signing-keys/read-token-policy";
import { revokeSigningKey } from "@/lib/domain/signing-keys/revoke-signing-key";
import { authenticate } from "@/lib/platform/api/authenticate";
import {
  makeContext,
  makeKeyPair,
  makeOrganization,
  makeSigningKey,
  memberActor,
  type MadeKey,
} from "@/prisma/factories";
import { useDatabase } from "./support/database";

const database = useDatabase();
const NO_POLICY: TokenPolicy = { audience: null, maxMinutes: null };
const HOUR = 3600;
let ctx: Context;
let viewer: Context;
let key: MadeKey;
let revoked: MadeKey;
let ed25519: KeyObject;
let rsa: KeyObject;

beforeAll(async () => {
  process.env.DATABASE_URL = database.url;
  const acme = await makeOrganization(database.db, "acme");
  ctx = makeContext(database.db, memberActor(acme));
  viewer = makeContext(database.db, memberActor(acme, { role: "viewer" }));
  key = await makeSigningKey(database.db, acme, "ci");
  revoked = await makeSigningKey(database.db, acme, "old laptop");
  await revokeSigningKey(ctx, { id: revoked.id });
  ed25519 = await addPair("ed", generateKeyPairSync("ed25519"));
  rsa = await addPair("rsa", generateKeyPairSync("rsa", { modulusLength: 2048 }));
});

async function addPair(name: string, pair: { publicKey: KeyObject; privateKey: KeyObject }): Promise<KeyObject> {
  const publicKeyPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  await addSigningKey(ctx, { name, publicKeyPem });
  return pair.privateKey;
}

const now = () => Math.floor(Date.now() / 1000);

/** What the server makes of a token: the status, and the scopes where it lets it in. */
const judged = (token: string) =>
  authenticate(`Bearer ${token}`).then(
    () => null,
    (error: unknown) => (error instanceof DomainError ? (error.code === "unauthenticated" ? 401 : 0) : 500),
  );

async function explained(token: string, use: Partial<TokenJudge> = {}) {
  const keys = await listSigningKeys(ctx);
  return explainToken(token, {
    organization: "acme",
    keys: keys.map(({ revokedAt, ...each }) => ({ ...each, revoked: revokedAt !== null })),
    policy: await readTokenPolicy(ctx),
    now: new Date(),
    scope: null,
    repository: "",
    ...use,
  });
}

const claims = (more: object = {}) => ({
  iss: "acme",
  sub: "ci",
  repo: "org",
  scopes: ["repo:write"],
  iat: now(),
  exp: now() + HOUR,
  ...more,
});

const sign = (alg: string, privateKey: KeyObject, payload: object, header: object = {}) =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg, typ: "JWT", ...header }).sign(privateKey);

const keyNamed = async (wanted: string) => (await listSigningKeys(ctx)).find(({ name }) => name === wanted)!;

const base64 = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

describe("what the page says of a token is what the API does with it", () => {
  const cases: Record<string, [RegExp, () => string | Promise<string>]> = {
    "a good one": [/lets it in.*“ci”.*every repository.*repo:write/, () => key.token({ scopes: ["repo:write"] })],
    "an Ed25519 one": [/lets it in/, () => sign("EdDSA", ed25519, claims())],
    "an RSA one": [/lets it in/, () => sign("RS256", rsa, claims())],
    "one that names its key": [
      /lets it in/,
      async () => sign("RS256", rsa, claims(), { kid: (await keyNamed("rsa")).thumbprint }),
    ],
    "one that names its key by our id": [
      /lets it in/,
      async () => sign("RS256", rsa, claims(), { kid: (await keyNamed("rsa")).id }),
    ],
    "one that names another key": [
      /No signing key of this organization/,
      async () => sign("RS256", rsa, claims(), { kid: (await keyNamed("ed")).id }),
    ],
    "one with unknown scopes only": [/for nothing/, () => key.token({ scopes: ["admin"] })],
    "one that ended within the leeway": [/lets it in/, () => key.token({ exp: now() - 30 })],
    nothing: [/not a token/, () => ""],
    "two parts": [/not a token/, () => "abc.def"],
    "no JSON": [/cannot be read/, () => `${base64("x")}.${base64("y")}.${base64("z")}`],
    "a list for a body": [/cannot be read/, () => `${base64({ alg: "ES256" })}.${base64([1])}.AAAA`],
    "9 KB": [/longer than 8 KB/, () => key.token({ padding: "x".repeat(9000) })],
    "no signature": [/not a token/, () => `${base64({ alg: "none" })}.${base64(claims())}.`],
    "alg none": [/signed with none/, () => `${base64({ alg: "none" })}.${base64(claims())}.AAAA`],
    "an HMAC of the public key": [
      /signed with HS256/,
      () => new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(key.publicKeyPem)),
    ],
    "no issuer": [/iss.*missing/, () => key.token({ iss: undefined })],
    "an issuer that is no text": [/iss.*missing/, () => key.token({ iss: { not: "" } })],
    "another issuer": [/“other”, and this organization is acme/, () => key.token({ iss: "other" })],
    "an unknown key": [/No signing key of this organization/, () => makeKeyPair("acme").token()],
    "a changed body": [
      /No signing key of this organization/,
      async () => {
        const [head, , signature] = (await key.token()).split(".");
        return `${head}.${base64(claims({ sub: "root" }))}.${signature}`;
      },
    ],
    "a revoked key": [/“old laptop” made its signature.*revoked/, () => revoked.token()],
    "a key id of nobody's": [
      /“elsewhere”\) that this organization does not have/,
      () => sign("RS256", rsa, claims(), { kid: "elsewhere" }),
    ],
    "an unknown demand": [
      /No signing key of this organization/,
      () => {
        const signed = `${base64({ alg: "RS256", crit: ["moon"], moon: "full" })}.${base64(claims())}`;
        return `${signed}.${createSign("sha256").update(signed).sign(rsa, "base64url")}`;
      },
    ],
    expired: [/ended at 20\d\d-.* UTC/, () => key.token({ exp: now() - 120 })],
    "no end": [/does not say when it ends/, () => key.token({ exp: undefined })],
    "an end that is no number": [/claim exp is wrong/, () => key.token({ exp: "tomorrow" })],
    "a start that is no number": [/claim iat is wrong/, () => key.token({ iat: "today" })],
    "not yet": [/not good before 20\d\d-/, () => key.token({ nbf: now() + 600 })],
    "scopes that are no list": [/scopes claim must be a list/, () => key.token({ scopes: "repo:write" })],
    "no scopes": [/scopes claim must be a list/, () => key.token({ scopes: undefined })],
    "a repository that is no text": [/repo claim must be/, () => key.token({ repo: 7 })],
    "an empty repository": [/repo claim must be/, () => key.token({ repo: "" })],
  };

  it.each(Object.keys(cases))("%s", async (name) => {
    const [words, make] = cases[name]!;
    const token = await make();
    const { status, words: said } = await explained(token);
    expect(said).toMatch(words);
    expect(status).toBe(await judged(token));
  });

  it("behind Bearer and with blanks around it too", async () => {
    expect((await explained(`  Authorization: Bearer ${await key.token()}\n`)).status).toBeNull();
  });

  it("and it shows what stands in it, where that can be read", async () => {
    expect(await explained(await key.token({ exp: now() - 120, sub: "night job" }))).toMatchObject({
      header: { alg: "ES256", typ: "JWT" },
      payload: { iss: "acme", sub: "night job" },
      passed: ["It is issued by acme.", "The key “ci” (ES256) made its signature."],
    });
  });
});

describe("what it is to be used for", () => {
  it.each([
    ["git:read", /lacks the scope git:read\. It has repo:write\./],
    ["org:read", /lacks the scope org:read/],
  ] as const)("needs the scope %s", async (scope, words) => {
    const token = await key.token({ scopes: ["repo:write"] });
    expect(await explained(token, { scope })).toMatchObject({
      status: 403,
      words: expect.stringMatching(words) as string,
    });
    expect((await explained(token, { scope: "repo:write" })).status).toBeNull();
  });

  it("is covered by the scope that includes it", async () => {
    const token = await key.token({ scopes: ["git:write"] });
    expect((await explained(token, { scope: "git:read" })).status).toBeNull();
  });

  it("is the repository that it is bound to", async () => {
    const bound = await key.token({ repo: "team/app" });
    expect((await explained(bound, { repository: "team/app" })).status).toBeNull();
    expect(await explained(bound, { repository: "team/other" })).toMatchObject({
      status: 403,
      words: "It is bound to the repository team/app, so it does not reach team/other.",
    });
    expect((await explained(await key.token({ repo: "org" }), { repository: "team/other" })).status).toBeNull();
    // An id and a name cannot be compared here, so nothing is claimed.
    const byId = await key.token({ repo: `repo_${"0".repeat(24)}` });
    expect((await explained(byId, { repository: "team/app" })).status).toBeNull();
  });
});

describe("an organization's rules for tokens", () => {
  /** Under this policy, what the server and the page make of it. */
  async function under(policy: TokenPolicy, token: string) {
    await changeTokenPolicy(ctx, policy);
    try {
      const { status, words } = await explained(token);
      expect(status).toBe(await judged(token));
      return { status, words };
    } finally {
      await changeTokenPolicy(ctx, NO_POLICY);
    }
  }

  it("may name an audience, which the token must hold", async () => {
    const policy = { audience: "https://keys.example.com", maxMinutes: null };
    expect((await under(policy, await key.token({ aud: "https://keys.example.com" }))).status).toBeNull();
    expect((await under(policy, await key.token({ aud: ["a", "https://keys.example.com"] }))).status).toBeNull();
    for (const aud of [undefined, "", "https://keys.example.com/", ["a"], { 0: "https://keys.example.com" }]) {
      const { status, words } = await under(policy, await key.token({ aud }));
      expect([status, words]).toEqual([
        401,
        'This organization takes tokens with the audience (aud) "https://keys.example.com" only.',
      ]);
    }
    expect((await under(NO_POLICY, await key.token({ aud: "anything" }))).status).toBeNull();
  });

  it("may set the longest life, from when it was signed to when it ends", async () => {
    const policy = { audience: null, maxMinutes: 60 };
    const at = now();
    expect((await under(policy, await key.token({ iat: at, exp: at + HOUR }))).status).toBeNull();
    expect((await under(policy, await key.token({ iat: at - 1800, exp: at + 1800 }))).status).toBeNull();
    expect(await under(policy, await key.token({ iat: at, exp: at + HOUR + 1 }))).toEqual({
      status: 401,
      words: "This organization takes tokens that are good for at most 1 hour. Sign this one for less.",
    });
    // A time of signing that is to come, or none, would let a token live for as long as it likes.
    for (const iat of [undefined, at + 120]) {
      const { status, words } = await under(policy, await key.token({ iat, exp: at + HOUR }));
      expect([status, words]).toEqual([401, expect.stringMatching(/must say when they were signed \(iat\)/)]);
    }
    expect((await under(NO_POLICY, await key.token({ iat: undefined, exp: at + 365 * 24 * HOUR }))).status).toBeNull();
  });

  it("are an owner's and an admin's to change, and every change is on record", async () => {
    await expect(changeTokenPolicy(viewer, NO_POLICY)).rejects.toMatchObject({ code: "forbidden" });
    await changeTokenPolicy(ctx, { audience: "latchkey", maxMinutes: 15 });
    expect(await readTokenPolicy(viewer)).toEqual({ audience: "latchkey", maxMinutes: 15 });
    const [event] = await database.db.auditEvent.findMany({
      where: { action: "organization.token_policy_changed" },
      orderBy: { seq: "desc" },
      take: 1,
    });
    expect(JSON.parse(event!.payload)).toMatchObject({ details: { audience: "latchkey", max_minutes: 15 } });
    await changeTokenPolicy(ctx, NO_POLICY);
  });

  it("are one organization's alone", async () => {
    await changeTokenPolicy(ctx, { audience: "latchkey", maxMinutes: 15 });
    const other = await makeOrganization(database.db, "other");
    const theirs = await makeSigningKey(database.db, other);
    expect(await judged(await theirs.token())).toBeNull();
    expect(await judged(await key.token())).toBe(401);
    await changeTokenPolicy(ctx, NO_POLICY);
  });

  it("come from a form: empty is none", () => {
    expect(tokenPolicyForm.parse({ audience: "  ", maxMinutes: "0" })).toEqual(NO_POLICY);
    expect(tokenPolicyForm.parse({ audience: " latchkey ", maxMinutes: "60" })).toEqual({
      audience: "latchkey",
      maxMinutes: 60,
    });
    for (const wrong of [
      { audience: "two words", maxMinutes: "0" },
      { audience: "x".repeat(256), maxMinutes: "0" },
      { audience: "", maxMinutes: "61" },
      { audience: "", maxMinutes: "-60" },
    ]) {
      expect(tokenPolicyForm.safeParse(wrong).success).toBe(false);
    }
  });
});

describe("a key's last use", () => {
  const lastUsed = async () => (await database.db.signingKey.findUniqueOrThrow({ where: { id: key.id } })).lastUsedAt;

  it("is written down once a minute at most, and only for a token that was let in", async () => {
    await database.db.signingKey.update({ where: { id: key.id }, data: { lastUsedAt: null } });
    await judged(await key.token({ exp: now() - 120 }));
    await judged(await key.token({ scopes: "none" }));
    expect(await lastUsed()).toBeNull();
    await judged(await key.token());
    const first = await lastUsed();
    expect(first).toBeInstanceOf(Date);
    await Promise.all(Array.from({ length: 10 }, async () => judged(await key.token())));
    expect(await lastUsed()).toEqual(first);
    const stale = new Date(Date.now() - 61_000);
    await database.db.signingKey.update({ where: { id: key.id }, data: { lastUsedAt: stale } });
    await judged(await key.token());
    expect((await lastUsed())!.getTime()).toBeGreaterThan(stale.getTime() + 50_000);
  });
});

it("a key that is revoked is refused by the very next request", async () => {
  const pair = generateKeyPairSync("ed25519");
  const publicKeyPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  const { id } = await addSigningKey(ctx, { name: "short", publicKeyPem });
  const token = await sign("EdDSA", pair.privateKey, claims());
  expect(await judged(token)).toBeNull();
  await revokeSigningKey(ctx, { id });
  expect(await judged(token)).toBe(401);
});
