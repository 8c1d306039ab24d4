import { timingSafeEqual } from "node:crypto";
import type { PrismaClient } from "@/lib/platform/prisma-client/client";
import { keyCheckValue, type KeyRing } from "./key-ring";

/**
 * Compares the ring with the key-check values in the database. Throws an Error of one sentence, having written nothing,
 * when a key is not the one that was used under its id, or when a key that secrets are sealed under is missing.
 * Otherwise remembers the check values of keys that are new.
 */
export async function checkMasterKeys(db: PrismaClient, ring: KeyRing): Promise<void> {
  const known = await db.masterKeyCheck.findMany({ take: 1000 });
  for (const { keyId, sealed } of known) {
    const key = ring.get(keyId);
    if (!key) continue;
    const value = keyCheckValue(key);
    if (sealed.length !== value.length || !timingSafeEqual(sealed, value)) {
      throw new Error(`Master key "${keyId}" is not the key that this database was used with. Nothing was changed.`);
    }
  }
  const missing = known.filter(({ keyId }) => !ring.get(keyId)).map(({ keyId }) => keyId);
  const used = await db.credentialSecret.findFirst({
    where: { masterKeyId: { in: missing } },
    select: { masterKeyId: true },
  });
  if (used)
    throw new Error(
      `Secrets are sealed under master key "${used.masterKeyId}", which is not configured. Add it. Nothing was changed.`,
    );
  if (known.length > 0 && missing.length === known.length) {
    throw new Error(
      "None of the configured master keys was ever used with this database. Is this the right key file? Nothing was changed.",
    );
  }
  await db.masterKeyCheck.createMany({
    data: ring.all.map((key) => ({ keyId: key.id, sealed: Uint8Array.from(keyCheckValue(key)) })),
    skipDuplicates: true,
  });
}
