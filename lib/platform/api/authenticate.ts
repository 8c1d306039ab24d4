import { createPublicKey, type KeyObject } from "node:crypto";
import { sqltag as sql } from "@prisma/client/runtime/client";
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from "jose";
import {
  ISSUER_FORM,
  MAX_TOKEN_LENGTH,
  policyProblem,
  readClaims,
  TOKEN_FORM,
  verification,
} from "@/lib/contract/token-claims";
import type { TokenActor } from "@/lib/domain/access/actor";
import { MAX_ACTIVE_KEYS } from "@/lib/domain/signing-keys/add-signing-key";
import { DomainError } from "@/lib/domain/errors";
import { database } from "@/lib/platform/database/client";

const LAST_USED_PRECISION_MS = 60_000;

interface KeyRow {
  id: string;
  organization_id: string;
  algorithm: string;
  thumbprint: string;
  public_key_pem: string;
  last_used_at: Date | null;
  token_audience: string | null;
  token_max_minutes: number | null;
}

/**
 * Verifies `Authorization: Bearer <JWT>` against the active keys of the organization that it names as issuer, each
 * with the one algorithm stored beside it, and then against that organization's policy. Keys and policy are asked of the
 * database every time, so that a change is one from the next request on, on every instance. Throws `unauthenticated` for
 * anything else, whatever the reason.
 */
export async function authenticate(authorization: string | null): Promise<TokenActor> {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (!token || !TOKEN_FORM.test(token)) throw unauthenticated("Send a signed token: Authorization: Bearer <token>.");
  if (token.length > MAX_TOKEN_LENGTH) throw unauthenticated("The token is longer than 8 KB.");
  const { issuer, kid } = readIssuer(token);
  const keys = await activeKeys(issuer);
  let expired = false;
  for (const key of keys) {
    if (kid !== undefined && kid !== key.id && kid !== key.thumbprint) continue;
    try {
      const { payload } = await jwtVerify(token, publicKey(key), verification(issuer, key.algorithm));
      const actor = toActor(payload, key, issuer);
      // A good token is good where this cannot be written down.
      await noteUse(key).catch(() => undefined);
      return actor;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      // jose judges the times only after the signature, so only the key's holder learns this.
      if (error instanceof errors.JWTExpired) expired = true;
    }
  }
  throw unauthenticated(
    expired
      ? "This token has expired. Sign a new one."
      : "This token is not valid: no active signing key of its issuer made this signature, or a claim is wrong.",
  );
}

function readIssuer(token: string): { issuer: string; kid: string | undefined } {
  try {
    const { iss } = decodeJwt(token);
    const { kid } = decodeProtectedHeader(token);
    if (typeof iss === "string" && ISSUER_FORM.test(iss)) return { issuer: iss, kid };
  } catch {
    // Not a JWT at all: answered like one without an issuer.
  }
  throw unauthenticated("This token is malformed, or its issuer (iss) is not an organization's name.");
}

function activeKeys(issuer: string): Promise<KeyRow[]> {
  return database().$queryRaw<KeyRow[]>(sql`
    SELECT k.id, k.organization_id, k.algorithm::text AS algorithm, k.thumbprint, k.public_key_pem, k.last_used_at,
      o.token_audience, o.token_max_minutes
    FROM organization o JOIN signing_key k ON k.organization_id = o.id
    WHERE o.slug = ${issuer} AND k.revoked_at IS NULL
    ORDER BY k.last_used_at DESC NULLS LAST, k.created_at DESC
    LIMIT ${MAX_ACTIVE_KEYS}`);
}

const parsedKeys = new Map<string, KeyObject>();

/** Parsing a PEM costs more than verifying with it: the few keys in use are kept, by the PEM itself. */
function publicKey({ public_key_pem: pem }: KeyRow): KeyObject {
  let key = parsedKeys.get(pem);
  if (!key) {
    if (parsedKeys.size >= 500) parsedKeys.clear();
    key = createPublicKey(pem);
    parsedKeys.set(pem, key);
  }
  return key;
}

function toActor(payload: JWTPayload, key: KeyRow, organizationSlug: string): TokenActor {
  const policy = { audience: key.token_audience, maxMinutes: key.token_max_minutes };
  const problem = policyProblem(payload, policy, new Date());
  if (problem !== undefined) throw unauthenticated(problem);
  const claims = readClaims(payload);
  if ("problem" in claims) throw unauthenticated(claims.problem);
  return {
    kind: "token",
    subject: claims.subject,
    signingKeyId: key.id,
    organizationId: key.organization_id,
    organizationSlug,
    scopes: claims.scopes,
    repositoryClaim: claims.repository,
  };
}

/** "Last used" is kept to the minute, so that a busy key is not one row that every request writes. */
async function noteUse(key: KeyRow): Promise<void> {
  const now = new Date();
  const stale = new Date(now.getTime() - LAST_USED_PRECISION_MS);
  if (key.last_used_at && key.last_used_at > stale) return;
  await database().signingKey.updateMany({
    where: { id: key.id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: stale } }] },
    data: { lastUsedAt: now },
  });
}

function unauthenticated(message: string): DomainError {
  return new DomainError("unauthenticated", message);
}
