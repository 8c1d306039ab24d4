import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Env } from "./env";

/**
 * Makes the master key and the session secret that are neither configured nor in the data folder yet, mode 0600.
 * Returns the files made, for the operator to back up.
 */
export function ensureGeneratedSecrets(env: Env): string[] {
  const made: string[] = [];
  const make = (name: string, content: string) => {
    const file = path.join(env.LATCHKEY_DATA_DIR, name);
    if (existsSync(file)) return;
    writeFileSync(file, content, { mode: 0o600, flag: "wx" });
    made.push(file);
  };
  if (!env.LATCHKEY_MASTER_KEYS && !env.LATCHKEY_MASTER_KEYS_FILE) {
    make("master-keys", `k1:${randomBytes(32).toString("base64")}\n`);
  }
  if (!env.AUTH_SECRET) make("auth-secret", `${randomBytes(32).toString("base64url")}\n`);
  return made;
}
