import { importPKCS8, SignJWT } from "jose";
import type { Scope } from "@/lib/contract/scopes";

const ALGORITHMS = ["ES256", "EdDSA", "RS256"];

interface TokenWish {
  organization: string;
  /** A repository's name or id, or `org`. */
  repository: string;
  scopes: readonly Scope[];
  seconds: number;
  privateKeyPem: string;
}

/** Signs a token in the browser. Throws an Error for a key that is not a usable private key in PKCS#8. */
export async function signToken({ organization, repository, scopes, seconds, privateKeyPem }: TokenWish) {
  const { key, algorithm } = await importAny(privateKeyPem.trim());
  return new SignJWT({ repo: repository, scopes })
    .setProtectedHeader({ alg: algorithm, typ: "JWT" })
    .setIssuer(organization)
    .setSubject("dashboard")
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(key);
}

/** Which algorithm a key is for stands inside it, so each is tried in turn. */
async function importAny(pem: string): Promise<{ key: CryptoKey; algorithm: string }> {
  for (const algorithm of ALGORITHMS) {
    try {
      return { key: await importPKCS8(pem, algorithm), algorithm };
    } catch {
      // Not this algorithm: the next one.
    }
  }
  throw new Error("not a private key");
}
