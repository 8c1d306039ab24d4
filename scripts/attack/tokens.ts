import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from "node:crypto";
import { calculateJwkThumbprint, exportJWK, SignJWT, UnsecuredJWT } from "jose";
import { newId } from "@/lib/domain/new-id";
import { makeSigningKey } from "@/prisma/factories";
import { makeVictim, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, summary } from "./ask";

const REFUSED = "401 unauthenticated";
const AUDIENCE = "https://keys.example.com";

/** Algorithms, confused keys, claims, lifetimes, headers and sizes: refused alike. */
export async function tokens(arena: Arena): Promise<Attack[]> {
  const victim = await makeVictim(arena.db);
  const stranger = await makeVictim(arena.db);
  const revoked = await makeSigningKey(arena.db, victim, "revoked");
  await arena.db.signingKey.update({ where: { id: revoked.id }, data: { revokedAt: new Date() } });
  const { key } = victim;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: victim.slug,
    sub: "ci",
    repo: "org",
    scopes: ["org:read", "repo:write"],
    iat: now,
    exp: now + 3600,
  };
  const ours = createPrivateKey(key.privateKeyPem);
  const spki = createPublicKey(key.publicKeyPem);
  const { privateKey: rsa, publicKey: rsaPublic } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { privateKey: p256 } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { privateKey: p384 } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const { privateKey: ed25519 } = generateKeyPairSync("ed25519");
  const sign = (
    alg: string,
    secret: KeyObject | Uint8Array,
    header: Record<string, unknown> = {},
    payload: object = claims,
  ) => new SignJWT({ ...payload }).setProtectedHeader({ alg, typ: "JWT", ...header }).sign(secret);
  const part = (value: unknown) =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const [head, body, signature] = (await sign("ES256", ours)).split(".") as [string, string, string];
  const der = Buffer.from(signature, "base64url");
  const integer = (bytes: Buffer) => Buffer.concat([Buffer.of(2, 33, 0), bytes]);
  const asDer = Buffer.concat([Buffer.of(0x30, 70), integer(der.subarray(0, 32)), integer(der.subarray(32))]);
  const claim = (changes: Record<string, unknown>) => key.token(changes);
  /** Signed as it stands, so that nothing but what it says is wrong with it. */
  const signed = (headPart: string, bodyPart: string, by = ours) => {
    const bytes = Buffer.from(`${headPart}.${bodyPart}`);
    return `${bytes.toString()}.${signBytes("sha256", bytes, { key: by, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  };
  const withHeader = (header: object) => signed(part({ alg: "ES256", typ: "JWT", ...header }), body);
  const withBody = (payload: unknown, by = ours) => signed(head, part(payload), by);
  const members = JSON.stringify(claims).slice(1);
  const standard = Buffer.from(JSON.stringify({ ...claims, sub: "???>>>~~~" })).toString("base64");

  const rs256 = { privateKey: rsa, publicKey: rsaPublic };
  const edDsa = generateKeyPairSync("ed25519");
  const store = async (algorithm: "RS256" | "EdDSA", { publicKey }: KeyPairKeyObjectResult) => {
    const publicKeyPem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const thumbprint = await calculateJwkThumbprint(await exportJWK(publicKey));
    await arena.db.signingKey.create({
      data: { id: newId("key"), organizationId: pinned.id, name: algorithm, algorithm, publicKeyPem, thumbprint },
    });
  };
  /** Its keys are of other kinds; each could make more signatures than those of the algorithm beside it. */
  const pinned = await makeVictim(arena.db);
  await store("RS256", rs256);
  await store("EdDSA", edDsa);
  const theirs = { ...claims, iss: pinned.slug };
  /** It takes tokens for one audience, for an hour at most. */
  const strict = await makeVictim(arena.db);
  await arena.db.organization.update({
    where: { id: strict.id },
    data: { tokenAudience: AUDIENCE, tokenMaxMinutes: 60 },
  });
  const underPolicy = (changes: Record<string, unknown>) => strict.key.token({ aud: AUDIENCE, ...changes });

  const wrong: Record<string, string> = {
    "no signature, alg none": new UnsecuredJWT(claims).encode(),
    "alg none with a signature": `${part({ alg: "none", typ: "JWT" })}.${body}.${signature}`,
    "alg NONE": `${part({ alg: "NONE" })}.${body}.AAAA`,
    "an empty signature": `${head}.${body}.`,
    "a signature of zeros": `${head}.${body}.${Buffer.alloc(64).toString("base64url")}`,
    "a signature in DER": `${head}.${body}.${asDer.toString("base64url")}`,
    "a signature that is cut": `${head}.${body}.${signature.slice(0, -4)}`,
    "a signature with more behind it": `${head}.${body}.${signature}AAAA`,
    "the public key's PEM as an HMAC secret": await sign("HS256", Buffer.from(key.publicKeyPem)),
    "the public key's PEM without its last line break as an HMAC secret": await sign(
      "HS256",
      Buffer.from(key.publicKeyPem.trim()),
    ),
    "the public key's DER as an HMAC secret": await sign("HS256", spki.export({ type: "spki", format: "der" })),
    "the public key's point as an HMAC secret": await sign(
      "HS512",
      Buffer.from(JSON.stringify(spki.export({ format: "jwk" }))),
    ),
    "an empty HMAC secret": await sign("HS256", Buffer.alloc(32)),
    "RS256 by another key": await sign("RS256", rsa),
    "PS256 by another key": await sign("PS256", rsa),
    "ES256 by another key": await sign("ES256", p256),
    "ES384 by another key": await sign("ES384", p384),
    "EdDSA by another key": await sign("EdDSA", ed25519),
    "a key that the token brings along (jwk)": await sign("RS256", rsa, { jwk: rsaPublic.export({ format: "jwk" }) }),
    "a key at an address (jku)": await sign("RS256", rsa, { jku: `https://${arena.hostile.host}/keys`, kid: "1" }),
    "a certificate at an address (x5u)": await sign("RS256", rsa, { x5u: `https://${arena.hostile.host}/cert` }),
    "a certificate that the token brings along (x5c)": await sign("RS256", rsa, { x5c: ["MIIB"] }),
    "a kid that is another organization's": await sign("ES256", createPrivateKey(stranger.key.privateKeyPem), {
      kid: stranger.key.id,
    }),
    "a kid that is a path": await sign("ES256", ours, { kid: "../../../dev/null" }),
    "a kid that is SQL": await sign("ES256", ours, { kid: "' UNION SELECT 1 --" }),
    "a kid that is an object": withHeader({ kid: { not: "" } }),
    "a header that is critical and unknown": withHeader({ crit: ["exp2"], exp2: 1 }),
    "an unencoded payload (b64)": withHeader({ b64: false, crit: ["b64"] }),
    "another organization's key": await stranger.key.token({ iss: victim.slug }),
    "a revoked key": await revoked.token(),
    "one that ended two minutes ago": await claim({ exp: now - 120 }),
    "one that begins in ten minutes": await claim({ nbf: now + 600 }),
    "no end": await claim({ exp: undefined }),
    "an end that is text": await claim({ exp: String(now + 3600) }),
    "an end that is a list": await claim({ exp: [now + 3600] }),
    "no issuer": await claim({ iss: undefined }),
    "an issuer that is an operator": await claim({ iss: { not: "" } }),
    "an issuer that is a list": await claim({ iss: [victim.slug] }),
    "an issuer in capitals": await claim({ iss: victim.slug.toUpperCase() }),
    "an issuer with a blank": await claim({ iss: `${victim.slug} ` }),
    "an issuer that is SQL": await claim({ iss: "' OR '1'='1" }),
    "an issuer that nobody is": await claim({ iss: "nobody-at-all" }),
    "the organization's id as issuer": await claim({ iss: victim.id }),
    "scopes that are text": await claim({ scopes: "repo:write" }),
    "scopes that are an object": await claim({ scopes: { 0: "repo:write", length: 1 } }),
    "scopes that are no texts": await claim({ scopes: [["repo:write"]] }),
    "a repository that is an operator": await claim({ repo: { not: "" } }),
    "an empty repository": await claim({ repo: "" }),
    "a repository with a NUL": await claim({ repo: "a\0b" }),
    "a repository of 256 characters": await claim({ repo: "x".repeat(256) }),
    "a changed body": `${head}.${part({ ...claims, repo: "other" })}.${signature}`,
    "a changed header": `${part({ alg: "ES256", typ: "JWT", x: 1 })}.${body}.${signature}`,
    "issuer given twice, by the key of the first": withBody(
      `{"iss":"${stranger.slug}",${members}`,
      createPrivateKey(stranger.key.privateKeyPem),
    ),
    "more than 8 KB": await claim({ padding: "x".repeat(9000) }),
    "a payload that is no JSON": withBody("nonsense"),
    "a payload that is a list": withBody([claims]),
    "a payload with __proto__": withBody(
      JSON.stringify({ ...claims, iss: undefined }).replace("{", `{"__proto__":{"iss":"${victim.slug}"},`),
    ),
    "five parts, as an encrypted token has": `${head}.${body}.${signature}.${body}.${head}`,
    "two parts": `${head}.${body}`,
    "no token": "abc",
    padding: signed(`${head}=`, body),
    "the standard alphabet of base64": signed(head, standard),
    "PS256 by a stored key for RS256": await sign("PS256", rsa, {}, theirs),
    "PS384 by a stored key for RS256": await sign("PS384", rsa, {}, theirs),
    "PS512 by a stored key for RS256": await sign("PS512", rsa, {}, theirs),
    "RS384 by a stored key for RS256": await sign("RS384", rsa, {}, theirs),
    "RS512 by a stored key for RS256": await sign("RS512", rsa, {}, theirs),
    "Ed25519 by a stored key for EdDSA": await sign("Ed25519", edDsa.privateKey, {}, theirs),
    "no audience where one is asked for": await underPolicy({ aud: undefined }),
    "another audience": await underPolicy({ aud: "https://elsewhere.example.com" }),
    "an audience that begins with the one that is asked for": await underPolicy({ aud: `${AUDIENCE}.evil.example` }),
    "audiences without the one that is asked for": await underPolicy({ aud: ["a", `${AUDIENCE}/`] }),
    "an audience that is an operator": await underPolicy({ aud: { not: "" } }),
    "a life of a second more than the longest": await underPolicy({ iat: now, exp: now + 3601 }),
    "a life from a time to come": await underPolicy({ iat: now + 3600, exp: now + 7200 }),
    "a life from no time": await underPolicy({ iat: undefined }),
    "a life without end": signed(
      head,
      part(JSON.stringify({ ...claims, iss: strict.slug, aud: AUDIENCE, exp: "∞" }).replace('"∞"', "1e999")),
      createPrivateKey(strict.key.privateKeyPem),
    ),
  };
  const right: Record<string, string> = {
    "a good one": await claim({}),
    "one that is signed as those that are wrong are": withBody(claims),
    "one that ended within the leeway of a minute": await claim({ exp: now - 20 }),
    "RS256 by a stored key for RS256": await sign("RS256", rsa, {}, theirs),
    "EdDSA by a stored key for EdDSA": await sign("EdDSA", edDsa.privateKey, {}, theirs),
    "the audience that is asked for, for the longest life": await underPolicy({ iat: now, exp: now + 3600 }),
  };
  const list = (
    name: string,
    expected: string,
    headers: Record<string, string | string[]>,
    path = "/api/v1/repos",
  ): Attack => ({
    name,
    expected,
    attempt: async () => {
      const answer = await ask(arena.url, { path, headers });
      const challenged = answer.status !== 401 || /^Bearer /.test(answer.headers["www-authenticate"] ?? "");
      return challenged ? summary(answer) : "401 without a challenge";
    },
  });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const good = right["a good one"]!;
  return [
    ...Object.entries(wrong).map(([what, token]) => list(what, REFUSED, bearer(token))),
    list("no authorization at all", REFUSED, {}),
    list("an empty authorization", REFUSED, { authorization: "" }),
    list("the token as Basic", REFUSED, { authorization: `Basic ${Buffer.from(`t:${good}`).toString("base64")}` }),
    list("the token without its scheme", REFUSED, { authorization: good }),
    list("two tokens in one header", REFUSED, { authorization: `Bearer ${good}, Bearer ${good}` }),
    list("the token in a cookie", REFUSED, { cookie: `latchkey.session=${good}` }),
    list("the token in the address", REFUSED, {}, `/api/v1/repos?access_token=${good}&token=${good}`),
    list("the token under another header", REFUSED, { "x-authorization": `Bearer ${good}` }),
    list("the address of the process is claimed", REFUSED, { "x-latchkey-address": "127.0.0.1" }),
    list(
      "a scope that is another's beginning",
      "403 missing_scope",
      bearer(await claim({ scopes: ["org:readx", "org"] })),
    ),
    list("no scope", "403 missing_scope", bearer(await claim({ scopes: [] }))),
    list("the wildcard as a scope", "403 missing_scope", bearer(await claim({ scopes: ["*"] }))),
    ...Object.entries(right).map(([what, token]) => list(what, "200", bearer(token))),
    {
      name: "a key's revocation takes effect on the next request",
      expected: "200, then 401 unauthenticated",
      writes: true,
      attempt: async () => {
        const short = await makeSigningKey(arena.db, victim, "short");
        const token = await short.token();
        const before = summary(await ask(arena.url, { path: "/api/v1/repos", token }));
        await arena.db.signingKey.update({ where: { id: short.id }, data: { revokedAt: new Date() } });
        return `${before}, then ${summary(await ask(arena.url, { path: "/api/v1/repos", token }))}`;
      },
    },
    {
      name: "no address that a token named was ever asked",
      expected: "nobody asked",
      attempt: async () =>
        Promise.resolve(arena.hostile.taken.some((line) => /keys|cert/.test(line)) ? "asked" : "nobody asked"),
    },
  ];
}
