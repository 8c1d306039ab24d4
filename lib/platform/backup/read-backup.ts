import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { openPromise, type Entry, type ZipFile } from "yauzl";
import type { KeyRing } from "@/lib/domain/vault/key-ring";
import { BackupRefused, damaged } from "./backup-refused";
import { hashing } from "./hashing";
import { CODE_ENTRY, MANIFEST_ENTRY, readManifest, tableEntry, type BackedUpTable, type Manifest } from "./manifest";

/** Far more than a manifest needs: nothing larger is read into memory. */
const MAX_MANIFEST_BYTES = 1024 * 1024;
const MAX_ENTRIES = 1000;

export interface Backup {
  manifest: Manifest;
  /** Hands a table's rows on. Throws `BackupRefused` at their end where they are not the ones that were written. */
  read(table: BackedUpTable, to: NodeJS.WritableStream, signal?: AbortSignal): Promise<void>;
  close(): void;
}

/**
 * Opens a backup and reads all of it once. Throws `BackupRefused` unless every byte is as it was written, by a version
 * of Latchkey that this one knows, and under master keys that are at hand.
 */
export async function openBackup(file: string, ring: KeyRing, signal?: AbortSignal): Promise<Backup> {
  const zip = await openZip(file);
  try {
    const entries = await listEntries(zip);
    const small = async (name: string) => {
      const entry = entries.get(name);
      if (!entry || entry.uncompressedSize > MAX_MANIFEST_BYTES) throw damaged();
      return text(await zip.openReadStreamPromise(entry));
    };
    const manifest = readManifest(await small(MANIFEST_ENTRY), await small(CODE_ENTRY), ring);
    const read: Backup["read"] = async (table, to, signal) => {
      const entry = entries.get(tableEntry(table.name));
      if (entry?.uncompressedSize !== table.bytes) throw damaged();
      const { through, result } = hashing();
      await pipeline(await zip.openReadStreamPromise(entry), through, to, { signal });
      if (result().sha256 !== table.sha256) throw damaged();
    };
    for (const table of manifest.tables) await read(table, nowhere(), signal);
    return { manifest, read, close: () => zip.close() };
  } catch (error) {
    zip.close();
    signal?.throwIfAborted();
    throw error instanceof BackupRefused ? error : damaged();
  }
}

async function openZip(file: string): Promise<ZipFile> {
  try {
    return await openPromise(file, { autoClose: false });
  } catch (error) {
    const unreadable = (error as { syscall?: string }).syscall !== undefined;
    throw unreadable ? new BackupRefused(`${file} cannot be read.`) : damaged();
  }
}

async function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) throw damaged();
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entries.has(entry.fileName)) throw damaged();
    entries.set(entry.fileName, entry);
  }
  return entries;
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
