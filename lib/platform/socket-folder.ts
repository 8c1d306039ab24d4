import { lstatSync, mkdirSync } from "node:fs";
import { layout } from "./database/embedded-database-url";

/**
 * The folder of a data folder's sockets, made where it is missing. It is where every user of the machine may make one, under
 * a name that can be guessed: throws an Error for the operator where it is not ours alone.
 */
export function socketFolder(dataDir: string): string {
  const folder = layout(dataDir).sockets;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const ours = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  if (!ours) throw new Error(`${folder} is not this user's alone. Remove it, or set TMPDIR to a folder of your own.`);
  return folder;
}
