import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Where everything of one data folder's database lives. */
export function layout(dataDir: string) {
  const home = path.join(dataDir, "postgres");
  // A Unix socket's path holds 107 bytes at most, so it cannot stand below a data folder of any depth.
  const digest = createHash("sha256").update(path.resolve(dataDir)).digest("hex").slice(0, 16);
  return {
    home,
    cluster: path.join(home, "cluster"),
    passwordFile: path.join(home, "password"),
    logFile: path.join(home, "log"),
    sockets: path.join(os.tmpdir(), `latchkey-${digest}`),
  };
}

/** The connection string of the data folder's database. Throws when it was never started. */
export function embeddedDatabaseUrl(dataDir: string): string {
  const { passwordFile, sockets } = layout(dataDir);
  const password = readFileSync(/* turbopackIgnore: true */ passwordFile, "utf8");
  return `postgresql://latchkey:${password}@localhost/postgres?host=${encodeURIComponent(sockets)}`;
}
