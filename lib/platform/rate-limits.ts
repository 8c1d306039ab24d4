import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { exchangeCounts, type ExchangeCounts } from "./database/exchange-counts";
import { env } from "./env";
import { log } from "./log";

const WINDOW_MS = 60_000;
const SHARE_MS = 1_000;
/** Below this part of a limit a count is not worth telling: not even twenty instances would be over it together. */
const WORTH_TELLING = 1 / 20;

/** `subject`: requests of one token's subject. `address`: requests from one address. `failures`: those refused with 401. */
export type RateLimitName = "subject" | "address" | "failures";

/** Counts in the running minute of the clock, so that instances mean the same minute. */
export interface RateLimits {
  /** Counts one more. Answers the seconds to wait where that is more than the limit, and undefined otherwise. */
  count(limit: RateLimitName, key: string): Promise<number | undefined>;
  /** The seconds to wait where the limit is reached, without counting. */
  reached(limit: RateLimitName, key: string): Promise<number | undefined>;
  /** Tells the other instances what was counted here, and learns what they counted. */
  share(): Promise<void>;
}

interface Count {
  limit: RateLimitName;
  window: number;
  own: number;
  /** How much of `own` the others know. */
  told: number;
  others: number;
}

/**
 * Limits that are judged in this process's memory. With an `exchange` the counts of other instances are added by
 * `share`; what comes in between two of those can be over the limit.
 */
export function createRateLimits(most: Record<RateLimitName, number>, exchange?: ExchangeCounts): RateLimits {
  const limiter = (keyPrefix: RateLimitName) =>
    new RateLimiterMemory({ keyPrefix, points: most[keyPrefix], duration: WINDOW_MS / 1000 });
  const limiters = { subject: limiter("subject"), address: limiter("address"), failures: limiter("failures") };
  const counts = new Map<string, Count>();

  /** Which minute it is, and how many seconds of it are left. */
  function running() {
    const now = Date.now();
    return { window: Math.floor(now / WINDOW_MS), customDuration: (WINDOW_MS - (now % WINDOW_MS)) / 1000 };
  }

  function note(limit: RateLimitName, key: string, window: number): void {
    const id = `${limit}:${window}:${key}`;
    const known = counts.get(id);
    if (known) known.own += 1;
    else counts.set(id, { limit, window, own: 1, told: 0, others: 0 });
  }

  return {
    async count(limit, key) {
      const { window, customDuration } = running();
      if (exchange) note(limit, key, window);
      try {
        await limiters[limit].consume(`${window}:${key}`, 1, { customDuration });
        return undefined;
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        if (refused.consumedPoints === most[limit] + 1) log.warn({ limit, key }, "over the rate limit");
        return secondsOf(refused);
      }
    },
    async reached(limit, key) {
      const found = await limiters[limit].get(`${running().window}:${key}`);
      return found && found.consumedPoints >= most[limit] ? secondsOf(found) : undefined;
    },
    async share() {
      if (!exchange) return;
      const { window, customDuration } = running();
      const worth = new Map<string, number>();
      for (const [id, count] of counts) {
        if (count.window !== window) counts.delete(id);
        else if (count.own > count.told && count.own >= most[count.limit] * WORTH_TELLING) worth.set(id, count.own);
      }
      if (worth.size === 0) return;
      const told = [...worth].map(([id, own]) => ({ key: id, points: own - counts.get(id)!.told }));
      const totals = await exchange(told, new Date((window + 2) * WINDOW_MS));
      for (const { key: id, points } of totals) {
        const count = counts.get(id);
        if (!count) continue;
        count.told = worth.get(id)!;
        const others = points - count.told;
        const more = others - count.others;
        count.others = others;
        const key = id.slice(count.limit.length + 1);
        if (more > 0) await limiters[count.limit].penalty(key, more, { customDuration });
      }
    },
  };
}

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}

const shared = globalThis as { latchkeyRateLimits?: RateLimits };

/**
 * This process's limits, as configured. The server in front and the routes behind it are built apart and mean the same
 * ones. Only an own PostgreSQL can have several instances; nothing is exchanged through the embedded one.
 */
export function rateLimits(): RateLimits {
  shared.latchkeyRateLimits ??= start();
  return shared.latchkeyRateLimits;
}

function start(): RateLimits {
  const { DATABASE_URL, LATCHKEY_RATE_SUBJECT, LATCHKEY_RATE_ADDRESS, LATCHKEY_RATE_FAILURES } = env();
  const limits = createRateLimits(
    { subject: LATCHKEY_RATE_SUBJECT, address: LATCHKEY_RATE_ADDRESS, failures: LATCHKEY_RATE_FAILURES },
    DATABASE_URL === undefined ? undefined : exchangeCounts(DATABASE_URL),
  );
  if (DATABASE_URL !== undefined) keepSharing(limits);
  return limits;
}

/** While the database is away the limits hold in each instance for itself. */
function keepSharing(limits: RateLimits): void {
  setTimeout(() => {
    void limits
      .share()
      .catch(() => undefined)
      .finally(() => keepSharing(limits));
  }, SHARE_MS).unref();
}
