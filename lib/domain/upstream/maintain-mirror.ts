import { readdir } from "node:fs/promises";
import path from "node:path";
import { withDeadline } from "./deadline";
import { runGit } from "./git-process";

/** Each fetch that brings something leaves a pack, and each pack makes the next fetch look in one more place. */
export const MOST_PACKS = 50;
export const DEADLINE_MS = 10 * 60 * 1000;

/** Besides what every git of ours gets: one core, and a bounded share of the memory that it may take. */
const SETTINGS = ["pack.threads=1", "pack.windowMemory=256m", "repack.updateServerInfo=false"];

/**
 * Puts the packs of a mirror together once there are many, so that each is at least twice as large as the next: small
 * ones are written anew often, large ones seldom. Nothing may fetch into the mirror meanwhile. What is broken off by the
 * signal or by a deadline of its own, or fails, leaves the mirror as it was; the next fetch clears what is left over.
 */
export async function maintainMirror(
  folder: string,
  signal: AbortSignal,
  { mostPacks = MOST_PACKS }: { mostPacks?: number } = {},
): Promise<"not_needed" | "done" | "failed"> {
  const files = await readdir(path.join(folder, "objects", "pack"));
  if (files.filter((name) => name.endsWith(".pack")).length <= mostPacks) return "not_needed";
  const settings = SETTINGS.flatMap((setting) => ["-c", setting]);
  const { code } = await withDeadline(DEADLINE_MS, signal, (either) =>
    runGit([...settings, `--git-dir=${folder}`, "repack", "--quiet", "-d", "--geometric=2"], { signal: either }),
  );
  return code === 0 ? "done" : "failed";
}
