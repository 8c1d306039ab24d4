import type { Context } from "../context";
import { countSealed } from "./count-sealed";
import { liveHolders, type KeyHolder } from "./hold-keys";
import type { KeyRing } from "./key-ring";
import { unretired } from "./remember-keys";

export interface ListedKey {
  id: string;
  /** What seals is meant to be first; "none" is known to the database alone. */
  place: "first" | "kept" | "none";
  secrets: number;
  /** How many of the live processes have it, and seal with it. */
  heldBy: number;
  sealedWithBy: number;
}

/** Every master key that is configured or known, in their order, and the processes that are live. */
export async function listKeys(
  ctx: Pick<Context, "db">,
  configured: KeyRing,
): Promise<{ keys: ListedKey[]; holders: KeyHolder[] }> {
  const ring = await unretired(ctx.db, configured);
  const [known, counts, holders] = await Promise.all([
    ctx.db.masterKeyCheck.findMany({ orderBy: { createdAt: "desc" }, take: 1000, select: { keyId: true } }),
    countSealed(ctx.db),
    liveHolders(ctx.db),
  ]);
  const ids = new Set([...ring.all.map(({ id }) => id), ...known.map(({ keyId }) => keyId)]);
  const keys = [...ids].map((id) => ({
    id,
    place: id === ring.primary.id ? ("first" as const) : ring.get(id) ? ("kept" as const) : ("none" as const),
    secrets: counts.get(id) ?? 0,
    heldBy: holders.filter(({ keyIds }) => keyIds.includes(id)).length,
    sealedWithBy: holders.filter(({ sealsWith }) => sealsWith === id).length,
  }));
  return { keys, holders };
}
