import { recordEverywhere } from "../audit/record-everywhere";
import type { Context, Transaction } from "../context";
import { countUnstored } from "../renewals/count-unstored";
import { countSealed } from "./count-sealed";
import { liveHolders } from "./hold-keys";
import type { KeyFile } from "./key-file";
import { keyEntries, parseKeyRing, type KeyRing } from "./key-ring";
import { withKeysLocked } from "./lock-keys";
import { unretired } from "./remember-keys";

/** Prisma's code for it. */
const FOREIGN_KEY_REFUSED = "P2003";

/**
 * Ends a key for good: it leaves the database, every process that runs, and then the key file where there is one; a
 * second time does what is left of that. Throws an Error for the operator where it is not known, is the one that seals,
 * or secrets are still sealed under it: how many.
 */
export async function retireKey(
  ctx: Pick<Context, "db" | "clock" | "requestId">,
  by: string,
  keyId: string,
  keys: { file: KeyFile } | { ring: KeyRing },
): Promise<void> {
  try {
    await withKeysLocked(ctx, (tx) =>
      retire(tx, ctx, by, keyId, "ring" in keys ? keys.ring : parseKeyRing(keys.file.read())),
    );
  } catch (error) {
    // The foreign keys saw one that was sealed under it after they were counted.
    if ((error as { code?: unknown }).code === FOREIGN_KEY_REFUSED) await requireNoneSealed(ctx.db, keyId);
    throw error;
  }
  // After the commit: a file that still has a retired key does no harm, and one that lacks a key in use does.
  if ("file" in keys) await withKeysLocked(ctx, () => Promise.resolve(takeOut(keys.file, keyId)));
}

async function retire(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId">,
  by: string,
  keyId: string,
  ring: KeyRing,
): Promise<void> {
  if ((await tx.retiredMasterKey.count({ where: { keyId } })) > 0) return;
  const known = await tx.masterKeyCheck.count({ where: { keyId } });
  if (known === 0) throw new Error(`There is no master key "${keyId}". See: npm run keys -- list`);
  await requireIdle(tx, keyId, ring);
  // The chains before the key: who holds one may be about to seal under it.
  await recordEverywhere(tx, ctx, by, () => ({
    action: "master_key.retired",
    targetId: keyId,
    details: { key: keyId },
  }));
  await tx.retiredMasterKey.create({ data: { keyId, retiredAt: ctx.clock() } });
  // The foreign keys of the tables that hold secrets refuse this, and what would be sealed from now on, to the last.
  await tx.masterKeyCheck.deleteMany({ where: { keyId } });
}

async function requireIdle(tx: Transaction, keyId: string, ring: KeyRing): Promise<void> {
  await requireNoneSealed(tx, keyId);
  const sealing = (await liveHolders(tx)).find(({ sealsWith }) => sealsWith === keyId);
  if (sealing)
    throw new Error(`${sealing.name} seals with master key "${keyId}". Add another first, or wait until it does.`);
  if ((await unretired(tx, ring)).primary.id === keyId) {
    throw new Error(`Master key "${keyId}" is the primary one. Add another first: npm run keys -- add`);
  }
  const unstored = await countUnstored(tx);
  if (unstored > 0) {
    throw new Error(
      `${unstored} renewed ${unstored === 1 ? "token" : "tokens"} may be sealed under master key "${keyId}" on the disk of an instance, and not in the database yet. Start every instance and wait five minutes, or rotate the credentials whose renewal was cut off.`,
    );
  }
}

async function requireNoneSealed(db: Context["db"] | Transaction, keyId: string): Promise<void> {
  const rows = (await countSealed(db)).get(keyId) ?? 0;
  if (rows === 0) return;
  throw new Error(
    `${rows} ${rows === 1 ? "secret is" : "secrets are"} still sealed under master key "${keyId}". Run: npm run keys -- rewrap`,
  );
}

function takeOut(file: KeyFile, keyId: string): void {
  const before = keyEntries(file.read());
  const after = before.filter((entry) => !entry.startsWith(`${keyId}:`));
  if (after.length === before.length) return;
  try {
    file.replace(`${after.join("\n")}\n`);
  } catch (error) {
    throw new Error(`Master key "${keyId}" is retired. ${(error as Error).message} Take it out yourself.`);
  }
}
