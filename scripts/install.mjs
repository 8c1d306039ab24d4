import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const MARKER = "node_modules/.latchkey-lock";

/** Installs exactly what package-lock.json names, unless that was done already. Ends the process where it fails. */
export function install() {
  const wanted = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
  if (existsSync(MARKER) && readFileSync(MARKER, "utf8") === wanted && existsSync("lib/platform/prisma-client")) return;
  console.log("• Installing dependencies (once, about a minute) …");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { stdio: "inherit" });
  if (status !== 0) {
    console.error("npm ci failed: the lines above say why. Nothing was started.");
    process.exit(1);
  }
  writeFileSync(MARKER, wanted);
}
