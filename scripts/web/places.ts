import pLimit, { type LimitFunction } from "p-limit";

/** How many are inside at once, how many of those for one address, and how many of one address, or of all, wait. */
export interface Places {
  atOnce: number;
  ofAddress: number;
  waiting: number;
}

/** Returns what runs something once there is a place for it, and says false where too many wait. */
export function placesFor({ atOnce, ofAddress, waiting }: Places) {
  const all = pLimit(atOnce);
  const addresses = new Map<string, { turns: LimitFunction; here: number }>();
  return (address: string, run: () => Promise<void>): boolean => {
    const own = addresses.get(address) ?? { turns: pLimit(ofAddress), here: 0 };
    if (own.turns.pendingCount >= waiting || all.pendingCount >= waiting) return false;
    addresses.set(address, own);
    own.here += 1;
    void own
      .turns(() => all(run))
      .finally(() => {
        own.here -= 1;
        if (own.here === 0) addresses.delete(address);
      });
    return true;
  };
}
