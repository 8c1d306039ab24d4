import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Installs a package where we are root on Debian; whether it is there now. */
export function installDebianPackage(name) {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return false;
  const apt = (...args) => spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  return apt("update", "-qq") && apt("install", "-y", "-qq", "--no-install-recommends", name);
}
