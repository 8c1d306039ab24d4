import { createPublicKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import type { SigningAlgorithm } from "@/lib/platform/prisma-client/enums";
import { DomainError } from "../errors";

export interface PublicKey {
  algorithm: SigningAlgorithm;
  publicKeyPem: string;
  /** RFC 7638, SHA-256, base64url. */
  thumbprint: string;
}

/**
 * Reads a public key in PEM: P-256, RSA of 2048 bits or more, or Ed25519. Throws `invalid_request` for anything else,
 * a private key above all, and never repeats what was pasted.
 */
export async function parsePublicKey(pem: string): Promise<PublicKey> {
  if (/PRIVATE KEY/.test(pem)) {
    throw refusal(
      "This is a private key. Paste the public half (BEGIN PUBLIC KEY), and treat the private one as exposed if you sent it elsewhere.",
    );
  }
  if (!/^\s*-----BEGIN PUBLIC KEY-----[\s\S]+-----END PUBLIC KEY-----\s*$/.test(pem)) {
    throw refusal("This is not a public key in PEM form. It begins with -----BEGIN PUBLIC KEY-----.");
  }
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw refusal("This public key cannot be read. Copy it whole, with its first and last line.");
  }
  const thumbprint = await calculateJwkThumbprint(key.export({ format: "jwk" }));
  return {
    algorithm: algorithmOf(key),
    publicKeyPem: key.export({ type: "spki", format: "pem" }).toString(),
    thumbprint,
  };
}

function algorithmOf(key: KeyObject): SigningAlgorithm {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === "ec" && details?.namedCurve === "prime256v1") return "ES256";
  if (key.asymmetricKeyType === "ed25519") return "EdDSA";
  if (key.asymmetricKeyType === "rsa") {
    if ((details?.modulusLength ?? 0) >= 2048) return "RS256";
    throw refusal("This RSA key is too short: use 2048 bits or more.");
  }
  throw refusal("Use a P-256, Ed25519 or RSA key.");
}

function refusal(message: string): DomainError {
  return new DomainError("invalid_request", message, { fields: { publicKeyPem: message } });
}
