import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { family, postmasterOf, processes, type Process } from "@/scripts/processes";
import type { Latchkey } from "@/scripts/start-latchkey";
import { mean, median, type Sample } from "./verdict";

export const WATCHED = ["launch", "web", "worker", "postgres"] as const;
export type Watched = (typeof WATCHED)[number];

/** In the environment of a Latchkey that `collectGarbage` may be used on. */
export const NODE_OPTIONS = `--import ${import.meta.resolve("./collect-garbage.mjs")}`;

interface Look {
  samples: Record<Watched, Omit<Sample, "minute">>;
  /** Processes of this Latchkey that have ended and that nobody has waited for. */
  zombies: number[];
}

/**
 * Looks at every process of a running Latchkey, PostgreSQL's together. Of Latchkey's own it sees the memory that was left
 * when they collected their garbage last.
 */
export function look(latchkey: Pick<Latchkey, "pid" | "dataDir">): Look {
  const all = processes();
  const [launcher, database] = [family(all, latchkey.pid), family(all, postmasterOf(latchkey.dataDir)!)];
  const own = ownProcesses(launcher, latchkey.pid);
  const collected = (pid: number) => path.join(latchkey.dataDir, `status-${pid}`);
  return {
    samples: {
      launch: measure(own.launch, collected),
      web: measure(own.web, collected),
      worker: measure(own.worker, collected),
      postgres: measure(database, (pid) => `/proc/${pid}/status`),
    },
    zombies: [...launcher, ...database].filter(({ state }) => state === "Z").map((each) => each.pid),
  };
}

/**
 * Has Latchkey's own processes collect their garbage, so that a look a moment later sees what they hold on to. V8 lets
 * garbage grow to a third of what is in use before it collects all of it, which at a soak's pace takes longer than the
 * soak.
 */
export function collectGarbage({ pid }: Pick<Latchkey, "pid">): void {
  const own = Object.values(ownProcesses(family(processes(), pid), pid)).flat();
  for (const each of own) process.kill(each.pid, "SIGUSR2");
}

/** The launcher and its children; a process that one of those is just starting still has its parent's name. */
function ownProcesses(all: readonly Process[], launcher: number): Record<Exclude<Watched, "postgres">, Process[]> {
  const child = (script: string) =>
    all.filter(({ parent, command }) => parent === launcher && command.includes(`scripts/${script}.ts`));
  return { launch: all.filter(({ pid }) => pid === launcher), web: child("web"), worker: child("worker") };
}

function measure(group: readonly Process[], statusFile: (pid: number) => string): Omit<Sample, "minute"> {
  const each = group.map(({ pid }) => {
    try {
      const anonymous = /RssAnon:\s+(\d+) kB/.exec(readFileSync(statusFile(pid), "utf8"))?.[1] ?? "0";
      return { kilobytes: Number(anonymous), handles: readdirSync(`/proc/${pid}/fd`).length };
    } catch {
      return { kilobytes: 0, handles: 0 };
    }
  });
  return {
    megabytes: median(each.map(({ kilobytes }) => kilobytes)) / 1024,
    handles: mean(each.map(({ handles }) => handles)),
    processes: each.length,
  };
}
