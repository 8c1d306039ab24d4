import { recordEverywhere } from "../audit/record-everywhere";
import type { Context, Transaction } from "../context";
import { keyCheckValue, withoutKeys, type KeyRing } from "./key-ring";

/**
 * Keeps the check values of keys that this database has not met yet, and records them in every organization's audit log.
 * Needs `withKeysLocked`, and a ring that `checkMasterKeys` let pass and that holds no retired key.
 */
export async function rememberKeys(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId">,
  by: string,
  ring: KeyRing,
): Promise<void> {
  const fresh = await tx.masterKeyCheck.createManyAndReturn({
    data: ring.all.map((key) => ({
      keyId: key.id,
      sealed: Uint8Array.from(keyCheckValue(key)),
      createdAt: ctx.clock(),
    })),
    skipDuplicates: true,
    select: { keyId: true },
  });
  for (const { keyId } of fresh) {
    await recordEverywhere(tx, ctx, by, () => ({
      action: "master_key.added",
      targetId: keyId,
      details: { key: keyId },
    }));
  }
}

/** The keys of the ring that are not retired. Throws as `withoutKeys`. */
export async function unretired(db: Context["db"] | Transaction, ring: KeyRing): Promise<KeyRing> {
  const retired = await db.retiredMasterKey.findMany({
    where: { keyId: { in: ring.all.map(({ id }) => id) } },
    select: { keyId: true },
  });
  return withoutKeys(
    ring,
    retired.map(({ keyId }) => keyId),
  );
}
