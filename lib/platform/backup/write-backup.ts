import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import path from "node:path";
import { pipeline, Readable, type PassThrough } from "node:stream";
import { pipeline as piped } from "node:stream/promises";
import pg from "pg";
import { to as copyTo, type CopyToStreamQuery } from "pg-copy-streams";
import { ZipFile } from "yazl";
import type { KeyRing, MasterKey } from "@/lib/domain/vault/key-ring";
import { shippedMigrations, type Migration } from "@/lib/platform/database/apply-migrations";
import { BACKED_UP } from "./backed-up-tables";
import { BackupRefused } from "./backup-refused";
import { connect, heardElsewhere } from "./connect";
import { hashing } from "./hashing";
import { CODE_ENTRY, MANIFEST_ENTRY, manifestCode, tableEntry, type Manifest } from "./manifest";
import { recordBackup } from "./record-backup";
import { beginSnapshot, columnsOf, keysOf } from "./snapshot";

interface Source {
  connectionString: string;
  ring: KeyRing;
  signal?: AbortSignal;
  /** What this program ships; tests add to it. */
  migrations?: Migration[];
}

/**
 * Writes one snapshot of the database into a new file, mode 0600: a zip of its tables as PostgreSQL's COPY writes them,
 * and a manifest with their hashes. The file appears under its name once it is whole and on the disk. Everything is
 * streamed. It stands in every organization's audit log. Throws `BackupRefused` where the file exists, the database is at another version than this
 * program, or was used with other keys; then nothing is left behind.
 */
export async function writeBackup(file: string, source: Source): Promise<Manifest> {
  const { connectionString, ring, signal } = source;
  if (existsSync(file)) throw existsAlready(file);
  const client = await connect(connectionString);
  try {
    const migrations = await beginSnapshot(client, source.migrations ?? shippedMigrations());
    const { keys, signer } = await keysOf(client, ring);
    const about = {
      format: 1,
      created_at: new Date().toISOString(),
      migrations,
      keys,
      signed_with: signer.id,
    } as const;
    await recordBackup(connectionString);
    const { zip, manifest } = await zipTables(client, about, signer);
    await writeWhole(file, zip, signal);
    return manifest();
  } finally {
    await client.end();
  }
}

/** The zip as it is read from the database, and its manifest once it was read to its end. */
async function zipTables(client: pg.Client, about: Omit<Manifest, "tables">, signer: MasterKey) {
  const zip = new ZipFile();
  const output = zip.outputStream as PassThrough;
  output.on("error", heardElsewhere);
  const copied: { name: string; columns: string[]; query: CopyToStreamQuery; hash: ReturnType<typeof hashing> }[] = [];
  const columns = await columnsOf(client, BACKED_UP);
  for (const name of BACKED_UP) {
    // One after the other: the next query begins when the zip asks for its rows.
    zip.addReadStreamLazy(tableEntry(name), { mode: 0o600 }, (give) => {
      const list = columns.get(name)!.map((column) => pg.escapeIdentifier(column));
      const query = client.query(copyTo(`COPY ${pg.escapeIdentifier(name)} (${list.join(", ")}) TO STDOUT`));
      query.on("error", heardElsewhere);
      const hash = hashing();
      copied.push({ name, columns: columns.get(name)!, query, hash });
      give(
        null,
        pipeline(query, hash.through, (error) => error && output.destroy(error)),
      );
    });
  }
  let manifest: Manifest | undefined;
  let text = "";
  zip.addReadStreamLazy(MANIFEST_ENTRY, { mode: 0o600 }, (give) => {
    // A query knows its number of rows when the next one is answered.
    client.query("COMMIT").then(
      () => {
        const tables = copied.map(({ name, columns, query, hash }) => ({
          name,
          columns,
          rows: query.rowCount,
          ...hash.result(),
        }));
        manifest = { ...about, tables };
        text = `${JSON.stringify(manifest, null, 1)}\n`;
        give(null, Readable.from([Buffer.from(text)]));
      },
      (error: Error) => output.destroy(error),
    );
  });
  zip.addReadStreamLazy(CODE_ENTRY, { mode: 0o600 }, (give) => {
    give(null, Readable.from([Buffer.from(manifestCode(signer, text))]));
  });
  zip.end();
  return { zip: output, manifest: () => manifest! };
}

async function writeWhole(file: string, content: Readable, signal?: AbortSignal): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  const scratch = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString("hex")}`);
  try {
    const handle = await open(scratch, "wx", 0o600);
    try {
      await piped(content, handle.createWriteStream({ flush: true }), { signal });
    } finally {
      await handle.close();
    }
    // Not by renaming, which would take the place of a file that has appeared since.
    await link(scratch, file);
    await rm(scratch);
    await syncFolder(folder);
  } catch (error) {
    await rm(scratch, { force: true });
    const { syscall, code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw existsAlready(file);
    throw syscall ? new BackupRefused(`${file} could not be written (${code}). Nothing was left there.`) : error;
  }
}

function existsAlready(file: string): BackupRefused {
  return new BackupRefused(`${file} exists already. Name a new file.`);
}

/** A name is on the disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
