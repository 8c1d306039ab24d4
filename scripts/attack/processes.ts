import { setTimeout as sleep } from "node:timers/promises";
import { family, postmasterOf, processes, type Process } from "../processes";

function alive(root: number): Process[] {
  return family(processes(), root).filter(({ state }) => state !== "Z");
}

/** The process ids below one, itself first; none where it has ended. */
export function tree(root: number): number[] {
  return alive(root).map(({ pid }) => pid);
}

/** The processes below one whose command line holds this text. */
export function childrenOf(root: number, text: string): number[] {
  return alive(root).flatMap(({ pid, command }) => (command.includes(text) ? [pid] : []));
}

/** The first of them; undefined where there is none. */
export function childOf(root: number, text: string): number | undefined {
  return childrenOf(root, text)[0];
}

/** All processes of the PostgreSQL of this data folder, the first of them first; none where it does not run. */
export function postgresTree(dataDir: string): number[] {
  const first = postmasterOf(dataDir);
  return first === undefined ? [] : tree(first);
}

/** Sends a signal to each, in order; one that ended meanwhile is none to worry about. */
export function signalAll(pids: readonly (number | undefined)[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    if (pid === undefined) throw new Error(`There is no such process to send ${signal} to.`);
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone.
    }
  }
}

/** Resolves once `look` is content; throws an Error that says what was awaited. */
export async function until(what: string, look: () => Promise<boolean> | boolean, withinMs = 180_000): Promise<void> {
  const giveUp = Date.now() + withinMs;
  while (!(await look())) {
    if (Date.now() > giveUp) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await sleep(50);
  }
}
