import "server-only";
import { RateLimiterPrisma, RateLimiterRes } from "rate-limiter-flexible";
import { DomainError } from "@/lib/domain/errors";
import { addressBlock } from "@/lib/platform/address-block";
import { database } from "@/lib/platform/database/client";

const WINDOW_SECONDS = 15 * 60;
const ATTEMPTS_PER_ACCOUNT = 10;
/** Many people may share an office's address. */
const ATTEMPTS_PER_ADDRESS = 100;

let limiters: { account: RateLimiterPrisma; address: RateLimiterPrisma } | undefined;

function throttle() {
  const limiter = (keyPrefix: string, points: number) =>
    new RateLimiterPrisma({
      storeClient: database(),
      tableName: "rateLimiterFlexible",
      keyPrefix,
      points,
      duration: WINDOW_SECONDS,
    });
  limiters ??= {
    account: limiter("sign-in-account", ATTEMPTS_PER_ACCOUNT),
    address: limiter("sign-in-address", ATTEMPTS_PER_ADDRESS),
  };
  return limiters;
}

/**
 * Counts an attempt to prove a password, before it is looked at, so that attempts made at once are all counted. Throws
 * `throttled` when there were too many for the account or the address; the counts are shared by all instances.
 */
export async function countSignInAttempt(attempt: { email: string; address: string }): Promise<void> {
  const { account, address } = throttle();
  try {
    await Promise.all([account.consume(attempt.email), address.consume(addressBlock(attempt.address))]);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const retryAfter = Math.ceil(error.msBeforeNext / 1000);
    const minutes = Math.ceil(retryAfter / 60);
    throw new DomainError(
      "throttled",
      `Too many attempts. Try again in ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`,
      { retryAfter },
    );
  }
}

/** Forgets the account's attempts after one that succeeded. */
export async function forgetSignInAttempts(attempt: { email: string; address: string }): Promise<void> {
  const { account, address } = throttle();
  await Promise.all([account.delete(attempt.email), address.reward(addressBlock(attempt.address))]);
}
