import { recordEverywhere } from "../audit/record-everywhere";
import type { Context, Transaction } from "../context";
import { changeKeyFile, type KeyFile } from "./change-key-file";
import { countSealed } from "./count-sealed";
import { liveHolders } from "./hold-keys";
import { keyEntries, parseKeyRing, type KeyRing } from "./key-ring";
import { withKeysLocked } from "./lock-keys";
import { unretired } from "./remember-keys";

/**
 * Ends a key for good: it leaves the database, every process that runs, and the key file where there is one. Throws an
 * Error for the operator where it is not known, is the one that seals, or secrets are still sealed under it: how many.
 */
export async function retireKey(
  ctx: Pick<Context, "db" | "clock" | "requestId">,
  by: string,
  keyId: string,
  keys: { file: KeyFile } | { ring: KeyRing },
): Promise<void> {
  if ("ring" in keys) {
    return withKeysLocked(ctx, (tx) => retire(tx, ctx, by, keyId, keys.ring));
  }
  await changeKeyFile(ctx, keys.file, async (tx, before) => {
    await retire(tx, ctx, by, keyId, parseKeyRing(before));
    const text = `${keyEntries(before)
      .filter((entry) => !entry.startsWith(`${keyId}:`))
      .join("\n")}\n`;
    return { text, result: undefined };
  });
}

async function retire(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId">,
  by: string,
  keyId: string,
  ring: KeyRing,
): Promise<void> {
  await requireIdle(tx, keyId, ring);
  // The foreign keys of the tables that hold secrets refuse this, and what would be sealed from now on, to the last.
  const { count } = await tx.masterKeyCheck.deleteMany({ where: { keyId } });
  if (count === 0) throw new Error(`There is no master key "${keyId}". See: npm run keys -- list`);
  await tx.retiredMasterKey.create({ data: { keyId, retiredAt: ctx.clock() } });
  await recordEverywhere(tx, ctx, by, () => ({
    action: "master_key.retired",
    targetId: keyId,
    details: { key: keyId },
  }));
}

async function requireIdle(tx: Transaction, keyId: string, ring: KeyRing): Promise<void> {
  const rows = (await countSealed(tx)).get(keyId) ?? 0;
  if (rows > 0) {
    throw new Error(
      `${rows} ${rows === 1 ? "secret is" : "secrets are"} still sealed under master key "${keyId}". Run: npm run keys -- rewrap`,
    );
  }
  const sealing = (await liveHolders(tx)).find(({ sealsWith }) => sealsWith === keyId);
  if (sealing)
    throw new Error(`${sealing.name} seals with master key "${keyId}". Add another first, or wait until it does.`);
  if ((await unretired(tx, ring)).primary.id === keyId) {
    throw new Error(`Master key "${keyId}" is the primary one. Add another first: npm run keys -- add`);
  }
}
