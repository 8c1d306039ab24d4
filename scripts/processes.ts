import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export interface Process {
  pid: number;
  parent: number;
  /** A letter, as `ps` has it: Z has ended and nobody has waited for it. */
  state: string;
  command: string;
}

/** Every process of this machine. */
export function processes(): Process[] {
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

/** A process and everything that it started, itself first; none where it is not there. */
export function family(all: readonly Process[], root: number): Process[] {
  const members = all.filter(({ pid }) => pid === root);
  for (const member of members) members.push(...all.filter(({ parent }) => parent === member.pid));
  return members;
}

/** The process id of the first process of this data folder's PostgreSQL; undefined where none was started. */
export function postmasterOf(dataDir: string): number | undefined {
  const file = path.join(dataDir, "postgres", "cluster", "postmaster.pid");
  return existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : undefined;
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
