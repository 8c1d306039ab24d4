import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { keyCheckValue, type KeyRing, type MasterKey } from "@/lib/domain/vault/key-ring";
import { BackupRefused, damaged } from "./backup-refused";

const hex = z.string().regex(/^[0-9a-f]{64}$/);

const manifest = z.object({
  format: z.literal(1),
  created_at: z.iso.datetime(),
  /** The migrations that had been applied, with the SHA-256 of each. */
  migrations: z.array(z.object({ name: z.string().min(1), checksum: hex })).min(1),
  /** The master keys that it takes to read it, and how many secrets are sealed under each. */
  keys: z.array(z.object({ id: z.string().min(1), check: hex, secrets: z.int().min(0) })),
  /** Whose key the manifest's own code is made with. */
  signed_with: z.string().min(1),
  /** In the order in which they can be loaded; `sha256` and `bytes` are of the rows as PostgreSQL's COPY writes them. */
  tables: z.array(
    z.object({
      name: z.string().regex(/^[a-z_]+$/),
      columns: z.array(z.string().regex(/^[a-z_0-9]+$/)).min(1),
      rows: z.int().min(0),
      bytes: z.int().min(0),
      sha256: hex,
    }),
  ),
});

export type Manifest = z.output<typeof manifest>;
export type BackedUpTable = Manifest["tables"][number];

/** Where in the file it is, and the code over its exact text. */
export const MANIFEST_ENTRY = "manifest.json";
export const CODE_ENTRY = "manifest.hmac";

/** Where a table's rows are. */
export function tableEntry(name: string): string {
  return `tables/${name}.copy`;
}

/**
 * A code over the manifest's text that only a master key yields. The manifest holds the hash of everything else, so who
 * has the file and no key can change nothing in it unnoticed.
 */
export function manifestCode({ id, key }: MasterKey, text: string): string {
  return createHmac("sha256", key)
    .update(JSON.stringify(["latchkey.backup.v1", id, text]))
    .digest("hex");
}

/** Throws `BackupRefused` unless the text is a manifest of ours, under keys that are at hand. */
export function readManifest(text: string, code: string, ring: KeyRing): Manifest {
  const parsed = manifest.safeParse(parseJson(text));
  if (!parsed.success) throw new BackupRefused("This file is not a backup that this version of Latchkey can read.");
  for (const { id, check } of parsed.data.keys) {
    const key = ring.get(id);
    if (!key) throw new BackupRefused(`This backup needs master key "${id}", which is not configured here. Add it.`);
    if (keyCheckValue(key).toString("hex") !== check) {
      throw new BackupRefused(`Master key "${id}" is not the key of that name that this backup was made with.`);
    }
  }
  const signer = ring.get(parsed.data.signed_with);
  if (!signer || !equal(manifestCode(signer, text), code)) throw damaged();
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function equal(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}
