import { randomBytes } from "node:crypto";
import type { Context } from "../context";
import { changeKeyFile, type KeyFile } from "./change-key-file";
import { checkMasterKeys } from "./check-master-keys";
import { keyEntries, parseKeyRing } from "./key-ring";
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
  return changeKeyFile(ctx, file, async (tx, before) => {
    await checkMasterKeys(tx, parseKeyRing(before));
    const entry = `${keyId}:${randomBytes(32).toString("base64")}`;
    const text = `${[entry, ...keyEntries(before)].join("\n")}\n`;
    await rememberKeys(tx, ctx, by, await unretired(tx, parseKeyRing(text)));
    return { text, result: { keyId } };
  });
}
