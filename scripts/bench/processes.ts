import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { family, processes } from "../processes";

const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** The web process of the Latchkey that the launcher with this process id runs. */
export function webProcess(launcher: number): number {
  const web = family(processes(), launcher).find(({ command }) => command.includes("scripts/web.ts"));
  if (!web) throw new Error("The web process was not found.");
  return web.pid;
}

/** Seconds of CPU that a process has used. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Has the most memory that a process held counted from now on. */
export function forgetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** The most memory that a process ever held, in MB. */
export function peakMemory(pid: number): number {
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(peak) / 1024);
}
