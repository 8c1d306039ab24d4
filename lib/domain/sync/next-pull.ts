const MINUTE_MS = 60 * 1000;

/** How often a repository is pulled unless somebody chose otherwise. */
export const DEFAULT_PULL_MINUTES = 60;

/** A factor a tenth below or above 1, so that repositories made together do not pull together for ever. */
export function jitter(): number {
  return 0.9 + Math.random() * 0.2;
}

/** The next turn; null where the schedule is off. */
export function nextPull(now: Date, everyMinutes: number): Date | null {
  if (everyMinutes === 0) return null;
  return new Date(now.getTime() + everyMinutes * MINUTE_MS * jitter());
}
