import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { KeyRing, MasterKey } from "./key-ring";

/**
 * What a sealed value belongs to, in parts whose number or first part differs from kind to kind. Bound as associated
 * data, so a blob moved or replayed elsewhere does not open.
 */
export type SealBinding = readonly (string | number)[];

export interface SealedSecret {
  masterKeyId: string;
  sealed: Uint8Array<ArrayBuffer>;
}

const FORMAT = 1;
const NONCE = 12;
const TAG = 16;
const KEY = 32;
/** Blobs are padded to multiples of this, so that a stored length does not tell a secret's length. */
const PAD = 512;

/**
 * Seals bytes under a fresh data key, itself wrapped by the primary master key (both AES-256-GCM).
 * Layout: format byte, wrap nonce, wrapped key and tag, data nonce, padded ciphertext and tag.
 */
export function seal(ring: KeyRing, binding: SealBinding, plaintext: Buffer): SealedSecret {
  const { primary } = ring;
  const dataKey = randomBytes(KEY);
  const padded = Buffer.alloc(Math.ceil((plaintext.length + 4) / PAD) * PAD);
  padded.writeUInt32BE(plaintext.length, 0);
  plaintext.copy(padded, 4);
  const wrapped = encrypt(primary.key, associatedData("wrap", primary, binding), dataKey);
  const body = encrypt(dataKey, associatedData("data", undefined, binding), padded);
  dataKey.fill(0);
  padded.fill(0);
  return { masterKeyId: primary.id, sealed: Uint8Array.from(Buffer.concat([Buffer.of(FORMAT), wrapped, body])) };
}

/** Opens what `seal` made. Throws when anything at all is different: key, binding, or a single bit. */
export function openSealed(ring: KeyRing, binding: SealBinding, secret: SealedSecret): Buffer {
  const { wrapped, body } = take(secret);
  const dataKey = unwrap(ring, binding, secret.masterKeyId, wrapped);
  const padded = decrypt(dataKey, associatedData("data", undefined, binding), body);
  dataKey.fill(0);
  const length = padded.readUInt32BE(0);
  if (length > padded.length - 4) throw new Error("Malformed sealed secret.");
  return padded.subarray(4, 4 + length);
}

/**
 * The same sealed secret with its data key wrapped by the primary master key; what is sealed is not opened. Throws as
 * `openSealed` does where the wrapped key is not what `seal` made.
 */
export function rewrap(ring: KeyRing, binding: SealBinding, secret: SealedSecret): SealedSecret {
  const { wrapped, body } = take(secret);
  const { primary } = ring;
  const dataKey = unwrap(ring, binding, secret.masterKeyId, wrapped);
  const again = encrypt(primary.key, associatedData("wrap", primary, binding), dataKey);
  dataKey.fill(0);
  return { masterKeyId: primary.id, sealed: Uint8Array.from(Buffer.concat([Buffer.of(FORMAT), again, body])) };
}

function take({ sealed }: SealedSecret): { wrapped: Buffer; body: Buffer } {
  const bytes = Buffer.from(sealed);
  const wrappedEnd = 1 + NONCE + KEY + TAG;
  if (bytes[0] !== FORMAT || bytes.length < wrappedEnd + NONCE + PAD + TAG) throw new Error("Malformed sealed secret.");
  return { wrapped: bytes.subarray(1, wrappedEnd), body: bytes.subarray(wrappedEnd) };
}

function unwrap(ring: KeyRing, binding: SealBinding, masterKeyId: string, wrapped: Buffer): Buffer {
  const master = ring.get(masterKeyId);
  if (!master) throw new Error("The master key that wraps this secret is not in the ring.");
  return decrypt(master.key, associatedData("wrap", master, binding), wrapped);
}

function associatedData(purpose: "wrap" | "data", master: MasterKey | undefined, binding: SealBinding): Buffer {
  return Buffer.from(JSON.stringify(["latchkey.secret.v1", purpose, master?.id ?? null, ...binding]));
}

function encrypt(key: Buffer, aad: Buffer, plaintext: Buffer): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG }).setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, aad: Buffer, bytes: Buffer): Buffer {
  const nonce = bytes.subarray(0, NONCE);
  const tag = bytes.subarray(bytes.length - TAG);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG }).setAAD(aad).setAuthTag(tag);
  return Buffer.concat([decipher.update(bytes.subarray(NONCE, bytes.length - TAG)), decipher.final()]);
}
