import { readdirSync, readFileSync } from "node:fs";

export interface ProcessSeen {
  pid: number;
  /** Arguments and environment. */
  text: string;
  /** The most memory that it held so far, in MB. */
  peakMegabytes: number;
}

/** Every other process of this machine that can be read. */
export function otherProcesses(): ProcessSeen[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids
    .filter((pid) => pid !== process.pid)
    .map((pid) => {
      const text = readIfThere(`/proc/${pid}/cmdline`) + readIfThere(`/proc/${pid}/environ`);
      const peak = /VmHWM:\s+(\d+) kB/.exec(readIfThere(`/proc/${pid}/status`))?.[1];
      return { pid, text, peakMegabytes: Number(peak ?? 0) / 1024 };
    });
}

/** One that ended meanwhile has nothing to show. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
