import "server-only";
import { RateLimiterPrisma, RateLimiterRes } from "rate-limiter-flexible";
import { DomainError } from "@/lib/domain/errors";
import { isAppCode } from "@/lib/domain/second-factor/proof";
import { addressBlock } from "@/lib/platform/address-block";
import { database } from "@/lib/platform/database/client";
import { knownBrowser } from "./known-browser";
import { remoteAddress } from "./request-facts";

const QUARTER_HOUR_SECONDS = 15 * 60;
const DAY_SECONDS = 24 * 60 * 60;

/**
 * How many attempts are counted against what. Browsers that know the account have counts of their own and no other, so
 * that nobody can lock an account out for the people who use it by failing elsewhere.
 */
export const LIMITS = {
  browser: { points: 10, duration: QUARTER_HOUR_SECONDS },
  /** Who knows the password can make many browsers known. */
  accountFromBrowsers: { points: 100, duration: QUARTER_HOUR_SECONDS },
  accountFromAddress: { points: 10, duration: QUARTER_HOUR_SECONDS },
  account: { points: 100, duration: QUARTER_HOUR_SECONDS },
  /** Many people may share an office's address. */
  address: { points: 100, duration: QUARTER_HOUR_SECONDS },
  /** Three of a million codes are right at any time. */
  code: { points: 20, duration: DAY_SECONDS },
} as const;

type Counter = readonly [limit: keyof typeof LIMITS, key: string];

const limiters = new Map<string, RateLimiterPrisma>();

function limiter(name: keyof typeof LIMITS): RateLimiterPrisma {
  let made = limiters.get(name);
  if (!made) {
    made = new RateLimiterPrisma({
      storeClient: database(),
      tableName: "rateLimiterFlexible",
      keyPrefix: `sign-in-${name}`,
      ...LIMITS[name],
    });
    limiters.set(name, made);
  }
  return made;
}

/**
 * Runs what proves a password of the account. The attempt is counted before the password is looked at, so that attempts
 * made at once are all counted, and forgotten where it was right. Throws `throttled` when there were too many; the counts
 * are shared by all instances.
 */
export async function countingAttempt<T>(email: string, prove: () => Promise<T>): Promise<T> {
  const [browser, address] = [await knownBrowser(email), await askingBlock()];
  return counting(
    browser
      ? [
          ["browser", browser],
          ["accountFromBrowsers", email],
        ]
      : [
          ["accountFromAddress", `${email} ${address}`],
          ["address", address],
          ["account", email],
        ],
    prove,
  );
}

/** The same for a code of the second factor. Recovery codes cannot be guessed: they still work when the app's are used up. */
export async function countingCode<T>(userId: string, code: string, prove: () => Promise<T>): Promise<T> {
  const address: Counter = ["address", await askingBlock()];
  return counting(isAppCode(code) ? [["code", userId], address] : [address], prove);
}

/**
 * Counts that this address sends somebody to the identity provider, which asks it something each time. Throws `throttled`.
 * Whoever comes back and is let in is forgotten by `forgetAddress`.
 */
export async function countAddress(): Promise<void> {
  await count([["address", await askingBlock()]]);
}

export async function forgetAddress(): Promise<void> {
  await forget([["address", await askingBlock()]]);
}

/** The address that is counted: everybody who can move within a network of theirs is one. */
async function askingBlock(): Promise<string> {
  return addressBlock(await remoteAddress());
}

async function counting<T>(counters: readonly Counter[], prove: () => Promise<T>): Promise<T> {
  await count(counters);
  const proved = await prove();
  await forget(counters);
  return proved;
}

async function count(counters: readonly Counter[]): Promise<void> {
  try {
    // One after the other: what the first one refuses adds nothing to the counts that others share.
    for (const [name, key] of counters) await limiter(name).consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw throttled(Math.ceil(error.msBeforeNext / 1000));
  }
}

async function forget(counters: readonly Counter[]): Promise<void> {
  await Promise.all(counters.map(([name, key]) => limiter(name).reward(key)));
}

function throttled(retryAfter: number): DomainError {
  const minutes = Math.ceil(retryAfter / 60);
  const words = minutes === 1 ? "1 minute" : minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
  return new DomainError("throttled", `Too many attempts. Try again in ${words}.`, { retryAfter });
}
