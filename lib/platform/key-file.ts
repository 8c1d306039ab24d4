import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import type { KeyFile } from "@/lib/domain/vault/key-file";

/**
 * The file at this path. Replacing it is atomic and lasts through a power cut: there is never half a file, and its owner
 * and mode stay.
 */
export function keyFile(file: string): KeyFile {
  return {
    read: () => saying(`The key file ${file} cannot be read`, () => readFileSync(file, "utf8")),
    replace: (text) => saying(`The key file ${file} could not be written`, () => replace(realpathSync(file), text)),
  };
}

function saying<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Error(`${what} (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`);
  }
}

function replace(file: string, text: string): void {
  const scratch = `${file}.new`;
  rmSync(scratch, { force: true });
  const { uid, gid, mode } = statSync(file);
  const written = openSync(scratch, "wx", 0o600);
  try {
    writeSync(written, text);
    fchownSync(written, uid, gid);
    fchmodSync(written, mode & 0o777);
    fsyncSync(written);
  } finally {
    closeSync(written);
  }
  renameSync(scratch, file);
  // The new name is as lasting as the content.
  const folder = openSync(path.dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
