import { spawnSync } from "node:child_process";
import { installDebianPackage } from "../debian-package.mjs";

/**
 * The library that moves a process's clock, for LD_PRELOAD: the command `faketime` itself would stand between us and the
 * launcher, and keep signals to itself. Installed where we are root on Debian; undefined where it is not to be had.
 */
export function fakeClock(): string | undefined {
  return find() ?? (installDebianPackage("faketime") ? find() : undefined);
}

function find(): string | undefined {
  const { stdout } = spawnSync("faketime", ["-f", "+0", "sh", "-c", "echo $LD_PRELOAD"], { encoding: "utf8" });
  return stdout?.trim() || undefined;
}
