import type { Context } from "../context";
import type { FetchProgress } from "../upstream/mirror";

const EVERY_MS = 500;

/**
 * Writes how far a run is where its page looks, at most twice a second and one write at a time, and looks `meanwhile` at
 * what may change. A write that fails is left out: the pull does not end for it.
 */
export function keepProgress(
  { db }: Pick<Context, "db">,
  run: string,
  meanwhile: () => Promise<void>,
): (progress: FetchProgress) => void {
  let last = 0;
  let writing = false;
  return (progress) => {
    const now = performance.now();
    if (writing || now - last < EVERY_MS) return;
    last = now;
    writing = true;
    const written = db.syncRun.updateMany({ where: { id: run, finishedAt: null }, data: progress });
    void Promise.allSettled([written, meanwhile()]).finally(() => (writing = false));
  };
}
