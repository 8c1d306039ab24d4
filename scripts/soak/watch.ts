import { readdirSync, readFileSync } from "node:fs";
import { family, postmasterOf, processes, type Process } from "@/scripts/processes";
import type { Latchkey } from "@/scripts/start-latchkey";
import type { Sample } from "./verdict";

export const WATCHED = ["launch", "web", "worker", "postgres"] as const;
export type Watched = (typeof WATCHED)[number];

interface Look {
  samples: Record<Watched, Omit<Sample, "minute">>;
  /** Processes of this Latchkey that have ended and that nobody has waited for. */
  zombies: number[];
}

/** Looks at every process of a running Latchkey, PostgreSQL's together. */
export function look({ pid, dataDir }: Pick<Latchkey, "pid" | "dataDir">): Look {
  const all = processes();
  const [launcher, database] = [family(all, pid), family(all, postmasterOf(dataDir)!)];
  const named = (script: string) => launcher.filter((each) => each.command.includes(`scripts/${script}.ts`));
  const groups = { launch: named("launch"), web: named("web"), worker: named("worker"), postgres: database };
  return {
    samples: Object.fromEntries(WATCHED.map((name) => [name, measure(groups[name])])) as Look["samples"],
    zombies: [...launcher, ...database].filter(({ state }) => state === "Z").map((each) => each.pid),
  };
}

function measure(group: readonly Process[]): Omit<Sample, "minute"> {
  const each = group.map(({ pid }) => {
    try {
      const anonymous = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
      return { kilobytes: Number(anonymous), handles: readdirSync(`/proc/${pid}/fd`).length };
    } catch {
      return { kilobytes: 0, handles: 0 };
    }
  });
  return {
    megabytes: each.reduce((sum, { kilobytes }) => sum + kilobytes, 0) / 1024,
    handles: each.reduce((sum, { handles }) => sum + handles, 0),
  };
}
