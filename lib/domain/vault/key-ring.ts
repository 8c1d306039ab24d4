import { createHmac } from "node:crypto";

export interface MasterKey {
  id: string;
  key: Buffer;
}

/** The master keys at hand; the primary one wraps everything new. */
export interface KeyRing {
  primary: MasterKey;
  get(id: string): MasterKey | undefined;
  /** In the order they are configured in: the first is meant to be primary. */
  all: readonly MasterKey[];
}

const ENTRY = /^([A-Za-z0-9_-]{1,40}):([A-Za-z0-9+/]{43}=)$/;

/**
 * Reads `id:base64` of 32 bytes, comma separated or one a line, the first being primary. Throws an Error of one
 * sentence, which never holds key material, for an empty, malformed, sample or duplicate key.
 */
export function parseKeyRing(text: string): KeyRing {
  const entries = keyEntries(text);
  if (entries.length === 0)
    throw new Error("There is no master key: at least one is needed, written as id:base64 of 32 random bytes.");
  const keys = entries.map((entry, index) => {
    const match = ENTRY.exec(entry);
    const key = match ? Buffer.from(match[2]!, "base64") : undefined;
    if (!match || key?.length !== 32) {
      throw new Error(`Master key number ${index + 1} is malformed: write id:base64 of exactly 32 random bytes.`);
    }
    if (isSample(key)) {
      throw new Error(`Master key "${match[1]}" is a sample and not random. Make one with: openssl rand -base64 32`);
    }
    return { id: match[1]!, key };
  });
  const byId = new Map(keys.map((key) => [key.id, key]));
  if (byId.size !== keys.length) throw new Error("Two master keys have the same id.");
  if (new Set(keys.map(({ key }) => key.toString("hex"))).size !== keys.length) {
    throw new Error("Two master keys are the same key under different ids.");
  }
  return { primary: keys[0]!, get: (id) => byId.get(id), all: keys };
}

/** The entries of a key file, as they stand in it. */
export function keyEntries(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/** The keys but these. Throws an Error for the operator where none is left. */
export function withoutKeys(ring: KeyRing, keyIds: readonly string[]): KeyRing {
  const all = ring.all.filter(({ id }) => !keyIds.includes(id));
  if (all.length === 0) throw new Error("Every configured master key is retired. Add one that is not.");
  const get = (id: string) => (keyIds.includes(id) ? undefined : ring.get(id));
  return { primary: get(ring.primary.id) ?? all[0]!, get, all };
}

/** The same keys with another primary. */
export function sealingWith(ring: KeyRing, keyId: string): KeyRing {
  const primary = ring.get(keyId);
  if (!primary) throw new Error(`Master key "${keyId}" is not in the ring.`);
  return { ...ring, primary };
}

/**
 * Whether somebody typed the key instead of drawing it: all of it text, few different bytes, or bytes that count up or
 * down. Of random keys fewer than one in ten million millions looks so.
 */
function isSample(key: Buffer): boolean {
  const step = (key[1]! - key[0]!) & 0xff;
  return (
    new Set(key).size < 16 ||
    key.every((byte) => byte >= 0x20 && byte < 0x7f) ||
    key.every((byte, index) => index === 0 || ((byte - key[index - 1]!) & 0xff) === step)
  );
}

/** A value that only this very key yields: kept in the database, it tells a wrong key from the right one. */
export function keyCheckValue({ id, key }: MasterKey): Buffer {
  return createHmac("sha256", key)
    .update(JSON.stringify(["latchkey.key-check.v1", id]))
    .digest();
}
