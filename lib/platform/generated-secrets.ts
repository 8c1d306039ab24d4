import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Env } from "./env";

/**
 * Makes the master key and the session secret that are neither configured nor in the data folder yet, mode 0600.
 * Returns a sentence for the operator about each file made.
 */
export function ensureGeneratedSecrets(env: Env): string[] {
  const notices: string[] = [];
  const make = (name: string, content: string, notice: string) => {
    const file = path.join(env.LATCHKEY_DATA_DIR, name);
    if (existsSync(file)) return;
    writeFileSync(file, content, { mode: 0o600, flag: "wx" });
    notices.push(`Made ${file}. ${notice}`);
  };
  if (!env.LATCHKEY_MASTER_KEYS && !env.LATCHKEY_MASTER_KEYS_FILE) {
    make(
      "master-keys",
      `k1:${randomBytes(32).toString("base64")}\n`,
      "Back it up apart from the database: without the master key no stored secret can be read.",
    );
  }
  if (!env.AUTH_SECRET) {
    make(
      "auth-secret",
      `${randomBytes(32).toString("base64url")}\n`,
      "It signs sessions: who has it can pose as any member; without it everybody signs in anew.",
    );
  }
  return notices;
}
