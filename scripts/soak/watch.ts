import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
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
  const postmaster = Number(
    readFileSync(path.join(dataDir, "postgres", "cluster", "postmaster.pid"), "utf8").split("\n")[0],
  );
  const [launcher, database] = [family(all, pid), family(all, postmaster)];
  const named = (script: string) => launcher.filter((each) => each.command.includes(`scripts/${script}.ts`));
  const groups = { launch: named("launch"), web: named("web"), worker: named("worker"), postgres: database };
  return {
    samples: Object.fromEntries(WATCHED.map((name) => [name, measure(groups[name])])) as Look["samples"],
    zombies: [...launcher, ...database].filter(({ state }) => state === "Z").map((each) => each.pid),
  };
}

interface Process {
  pid: number;
  parent: number;
  state: string;
  command: string;
}

function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(name), parent: Number(parent), state: state!, command }];
      } catch {
        // It ended between two looks.
        return [];
      }
    });
}

/** A process and everything that it started. */
function family(all: readonly Process[], root: number): Process[] {
  const members = all.filter(({ pid }) => pid === root);
  for (const member of members) members.push(...all.filter(({ parent }) => parent === member.pid));
  return members;
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

/** What still runs of a Latchkey that was stopped: whatever was started for its data folder. */
export function survivors(dataDir: string): number[] {
  return processes()
    .filter(
      ({ pid, command }) => pid !== process.pid && (command.includes(dataDir) || environment(pid).includes(dataDir)),
    )
    .map(({ pid }) => pid);
}

function environment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}
