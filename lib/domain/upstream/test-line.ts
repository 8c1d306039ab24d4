import pLimit, { type LimitFunction } from "p-limit";
import { DomainError } from "../errors";

/** Of one organization in one process: each may hang for as long as a test may, and those behind it wait as long again. */
export const MOST_TESTS_AT_ONCE = 32;
export const MOST_TESTS_WAITING = 32;
const RETRY_SECONDS = 30;

const shared = globalThis as { latchkeyTestLines?: Map<string, LimitFunction> };
/** One for the process: pages and the API are bundles of their own. */
const lines = (shared.latchkeyTestLines ??= new Map<string, LimitFunction>());

/** Does a test at its organization's turn. Throws `queue_full` where too many wait for theirs. */
export async function inTestLine<T>(organizationId: string, test: () => Promise<T>): Promise<T> {
  const line = lines.get(organizationId) ?? pLimit(MOST_TESTS_AT_ONCE);
  if (line.pendingCount >= MOST_TESTS_WAITING) {
    throw new DomainError(
      "queue_full",
      `This organization has ${MOST_TESTS_AT_ONCE} tests running and ${MOST_TESTS_WAITING} waiting. Try again in half a minute.`,
      { retryAfter: RETRY_SECONDS },
    );
  }
  lines.set(organizationId, line);
  try {
    return await line(test);
  } finally {
    if (line.activeCount + line.pendingCount === 0) lines.delete(organizationId);
  }
}
