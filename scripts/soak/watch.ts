import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { family, postmasterOf, processes, type Process } from "@/scripts/processes";
import type { Latchkey } from "@/scripts/start-latchkey";
import { mean, type Sample } from "./verdict";

export const WATCHED = ["launch", "web", "worker", "postgres"] as const;
export type Watched = (typeof WATCHED)[number];

/** In the environment of a Latchkey that `collectGarbage` may be used on. */
export const NODE_OPTIONS = `--import ${import.meta.resolve("./collect-garbage.mjs")}`;

/** How long a process may take to collect its garbage. */
const COLLECT_MS = 10_000;

export interface Look {
  samples: Record<Watched, Omit<Sample, "minute">>;
  /** Processes of this Latchkey that have ended and that nobody has waited for. */
  zombies: number[];
}

/**
 * Looks at every process of a running Latchkey, PostgreSQL's together, and then has Latchkey's own collect their garbage:
 * V8 lets it grow to a third of what is in use before it collects all of it, which at a soak's pace takes longer than the
 * soak. Handles are those of before, since collecting closes what was forgotten. Throws an Error where a process does not
 * collect.
 */
export async function look(latchkey: Pick<Latchkey, "pid" | "dataDir">): Promise<Look> {
  const all = processes();
  const [launcher, database] = [family(all, latchkey.pid), family(all, postmasterOf(latchkey.dataDir)!)];
  const own = ownProcesses(launcher, latchkey.pid);
  const before = { launch: measure(own.launch), web: measure(own.web), worker: measure(own.worker) };
  // What cleans up takes much for a moment, and ends.
  const postgres = measure(database.filter(({ command }) => !command.includes("autovacuum worker")));
  const collected = async (name: keyof typeof before) => ({
    ...before[name],
    megabytes: mean(await Promise.all(own[name].map(({ pid }) => collect(latchkey.dataDir, pid)))),
  });
  const [launch, web, worker] = await Promise.all([collected("launch"), collected("web"), collected("worker")]);
  return {
    samples: { launch, web, worker, postgres },
    zombies: [...launcher, ...database].filter(({ state }) => state === "Z").map((each) => each.pid),
  };
}

/** The megabytes that a process holds on to: what it has written down since it was told to collect its garbage. */
async function collect(dataDir: string, pid: number): Promise<number> {
  const seen = path.join(dataDir, `status-${pid}`);
  const last = existsSync(seen) ? statSync(seen).mtimeMs : 0;
  process.kill(pid, "SIGUSR2");
  const giveUp = Date.now() + COLLECT_MS;
  while (!existsSync(seen) || statSync(seen).mtimeMs <= last || readFileSync(seen, "utf8") === "") {
    if (Date.now() > giveUp) throw new Error(`Process ${pid} did not collect its garbage.`);
    await sleep(50);
  }
  return anonymous(readFileSync(seen, "utf8"));
}

/** The launcher and its children; a process that one of those is just starting still has its parent's name. */
function ownProcesses(all: readonly Process[], launcher: number): Record<Exclude<Watched, "postgres">, Process[]> {
  const child = (script: string) =>
    all.filter(({ parent, command }) => parent === launcher && command.includes(`scripts/${script}.ts`));
  return { launch: all.filter(({ pid }) => pid === launcher), web: child("web"), worker: child("worker") };
}

function measure(group: readonly Process[]): Omit<Sample, "minute"> {
  const each = group.flatMap(({ pid }) => {
    try {
      const megabytes = anonymous(readFileSync(`/proc/${pid}/status`, "utf8"));
      return [{ megabytes, handles: readdirSync(`/proc/${pid}/fd`).length }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
  const megabytes = mean(each.map((process) => process.megabytes));
  return {
    ...{ megabytes, uncollected: megabytes },
    handles: mean(each.map(({ handles }) => handles)),
    processes: each.length,
  };
}

function anonymous(status: string): number {
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)![1]) / 1024;
}
