import { importPKCS8, SignJWT } from "jose";
import type { Scope } from "./scopes";

const ALGORITHMS = ["ES256", "EdDSA", "RS256"];

export interface TokenWish {
  organization: string;
  /** A repository's name or id, or `org`. */
  repository: string;
  scopes: readonly Scope[];
  seconds: number;
  /** What the organization asks `aud` to be; null where it asks for nothing. */
  audience: string | null;
  /** Who acts; it stands in the audit log. */
  subject: string;
  privateKeyPem: string;
}

/** Signs a token, in a browser or in a shell. Throws an Error for a key that is not a usable private key in PKCS#8. */
export async function signToken(wish: TokenWish): Promise<string> {
  const { key, algorithm } = await importAny(wish.privateKeyPem.trim());
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    repo: wish.repository,
    scopes: wish.scopes,
    ...(wish.audience !== null && { aud: wish.audience }),
  })
    .setProtectedHeader({ alg: algorithm, typ: "JWT" })
    .setIssuer(wish.organization)
    .setSubject(wish.subject)
    .setIssuedAt(now)
    .setExpirationTime(now + wish.seconds)
    .sign(key);
}

/** Which algorithm a key is for stands inside it, so each is tried in turn. */
async function importAny(pem: string) {
  for (const algorithm of ALGORITHMS) {
    try {
      return { key: await importPKCS8(pem, algorithm), algorithm };
    } catch {
      // Not this algorithm: the next one.
    }
  }
  throw new Error("This is not a private key in PKCS#8 form. It begins with -----BEGIN PRIVATE KEY-----.");
}
