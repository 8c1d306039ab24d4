import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { installDebianPackage } from "./debian-package.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * The path of a Chromium: one that is installed, else Debian's package where we are root on Debian, else undefined after
 * fetching Playwright's own. Throws an Error where none can be had.
 */
export function getBrowser() {
  const installed = process.env.LATCHKEY_CHROMIUM ?? findInstalled();
  if (installed) return installed;
  const fresh = installDebianPackage("chromium") ? findInstalled() : undefined;
  if (fresh) return fresh;
  const { status } = spawnSync("npx", ["playwright", "install", "chromium"], { stdio: "inherit" });
  if (status !== 0) throw new Error("There is no Chromium, and none could be installed. Install one and run again.");
  return undefined;
}

function findInstalled() {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find((file) => existsSync(file));
}
