const LIFETIME_MS = 15 * 60 * 1000;

/** A second factor that was begun earlier than this, and not turned on, is over. */
export function begunSince(now: Date): Date {
  return new Date(now.getTime() - LIFETIME_MS);
}
