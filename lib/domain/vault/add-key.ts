import { randomBytes } from "node:crypto";
import type { Context } from "../context";
import { checkMasterKeys } from "./check-master-keys";
import type { KeyFile } from "./key-file";
import { keyEntries, parseKeyRing } from "./key-ring";
import { withKeysLocked } from "./lock-keys";
import { rememberKeys, unretired } from "./remember-keys";

/**
 * Puts a fresh key in front of the others in the key file. Processes that run find it there within `HOLD_MS`, and seal
 * with it once all of them have. Throws an Error for the operator where the keys there are not the right ones.
 */
export async function addKey(
  ctx: Pick<Context, "db" | "clock" | "requestId">,
  by: string,
  file: KeyFile,
): Promise<{ keyId: string }> {
  // An id that was never used before, here or in a backup: day and chance.
  const keyId = `k${ctx.clock().toISOString().slice(0, 10).replaceAll("-", "")}-${randomBytes(3).toString("hex")}`;
  return withKeysLocked(ctx, async (tx) => {
    const before = file.read();
    await checkMasterKeys(tx, parseKeyRing(before));
    const entry = `${keyId}:${randomBytes(32).toString("base64")}`;
    const text = `${[entry, ...keyEntries(before)].join("\n")}\n`;
    await rememberKeys(tx, ctx, by, await unretired(tx, parseKeyRing(text)));
    // Never put back: where only the answer to the commit was lost, processes may seal with the key by then. One that
    // the database has not met is met by the next process that reads the file.
    file.replace(text);
    return { keyId };
  });
}
