import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";
import { checkMasterKeys } from "./check-master-keys";
import { sealingWith, type KeyRing } from "./key-ring";
import { withKeysLocked } from "./lock-keys";
import { rememberKeys, unretired } from "./remember-keys";

/** A process that runs says this often which keys it has. */
export const HOLD_MS = 3_000;
/** And counts as gone after this long without. */
const GONE_AFTER_SECONDS = 30;

export interface KeyHolder {
  id: string;
  name: string;
  keyIds: string[];
  /** The key that it seals what is new with. */
  sealsWith: string;
}

/**
 * Says which keys this process has, and answers those that it works with from now on. It seals with the first of them
 * that every other live process has too, so nothing is sealed that one of them could not open. Keys that are retired are
 * left out. Throws an Error for the operator where the keys are not the right ones, or lack one that a live process
 * seals with. `current` are the keys that this process worked with until now; without them it is starting.
 */
export async function holdKeys(
  ctx: Pick<Context, "db" | "clock" | "requestId">,
  holder: { id: string; name: string },
  configured: KeyRing,
  current?: KeyRing,
): Promise<KeyRing> {
  return withKeysLocked(ctx, async (tx) => {
    const live = await liveHolders(tx);
    const others = live.filter(({ id }) => id !== holder.id);
    const ring = await unretired(tx, configured);
    // The same keys as before pass whatever the others do: who says nothing counts as gone, and is not heeded.
    if (configured !== current) {
      await checkMasterKeys(tx, configured);
      requireKeysInUse(ring, others);
      await rememberKeys(tx, ctx, holder.name, ring);
    }
    // After a pause of this process, or of the database, the others get the time to speak up before anything changes.
    const lapsed = current !== undefined && others.length === live.length;
    const keyId = lapsed && ring.get(current.primary.id) ? current.primary.id : sharedKey(ring, others);
    await tx.$executeRaw(sql`
      INSERT INTO key_holder (id, name, key_ids, seals_with, seen_at)
      VALUES (${holder.id}, ${holder.name}, ${ring.all.map(({ id }) => id)}::text[], ${keyId}, now())
      ON CONFLICT (id) DO UPDATE SET key_ids = EXCLUDED.key_ids, seals_with = EXCLUDED.seals_with, seen_at = now()`);
    return sealingWith(ring, keyId);
  });
}

/** The processes that are live now; the others are forgotten. The time is the database's. */
export async function liveHolders(db: Context["db"] | Transaction): Promise<KeyHolder[]> {
  await db.$executeRaw(sql`
    DELETE FROM key_holder WHERE seen_at < now() - ${GONE_AFTER_SECONDS}::int * interval '1 second'`);
  return db.keyHolder.findMany({ orderBy: [{ name: "asc" }, { id: "asc" }], take: 1000, omit: { seenAt: true } });
}

/** Says that a process is gone, so that nobody waits for it. */
export async function letGoOfKeys({ db }: Pick<Context, "db">, holderId: string): Promise<void> {
  await db.keyHolder.deleteMany({ where: { id: holderId } });
}

/** The first key of the ring that all of these processes have. */
function sharedKey(ring: KeyRing, others: readonly KeyHolder[]): string {
  const shared = ring.all.find(({ id }) => others.every(({ keyIds }) => keyIds.includes(id)));
  return (shared ?? ring.primary).id;
}

function requireKeysInUse(ring: KeyRing, others: readonly KeyHolder[]): void {
  const other = others.find(({ sealsWith }) => !ring.get(sealsWith));
  if (!other) return;
  throw new Error(
    `Master key "${other.sealsWith}" is not configured here, and ${other.name} seals with it. Add it. Nothing was changed.`,
  );
}
