import { createHmac } from "node:crypto";

export interface MasterKey {
  id: string;
  key: Buffer;
}

/** The master keys at hand; the first is primary and wraps everything new. */
export interface KeyRing {
  primary: MasterKey;
  get(id: string): MasterKey | undefined;
  all: readonly MasterKey[];
}

const ENTRY = /^([A-Za-z0-9_-]{1,40}):([A-Za-z0-9+/]{43}=)$/;

/**
 * Reads `id:base64` of 32 bytes, comma separated, the first being primary. Throws an Error of one sentence, which never
 * holds key material, for an empty, malformed, all-alike or duplicate key.
 */
export function parseKeyRing(text: string): KeyRing {
  const entries = text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter(Boolean);
  if (entries.length === 0)
    throw new Error("There is no master key: LATCHKEY_MASTER_KEYS needs at least one id:base64.");
  const keys = entries.map((entry, index) => {
    const match = ENTRY.exec(entry);
    const key = match ? Buffer.from(match[2]!, "base64") : undefined;
    if (!match || key?.length !== 32) {
      throw new Error(`Master key number ${index + 1} is malformed: write id:base64 of exactly 32 random bytes.`);
    }
    if (key.every((byte) => byte === key[0]) || key.toString("latin1").startsWith("0123456789abcdef")) {
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

/** A value that only this very key yields: kept in the database, it tells a wrong key from the right one. */
export function keyCheckValue({ id, key }: MasterKey): Buffer {
  return createHmac("sha256", key)
    .update(JSON.stringify(["latchkey.key-check.v1", id]))
    .digest();
}
