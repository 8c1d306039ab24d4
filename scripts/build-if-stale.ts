import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { say } from "@/lib/platform/terminal";

/** What a build is made of. */
export const SOURCES = [
  "app",
  "components",
  "lib",
  "public",
  "proxy.ts",
  "next.config.ts",
  "postcss.config.mjs",
  "tailwind.config.ts",
  "tsconfig.json",
  "package-lock.json",
];
const MARKER = path.join(".next", "latchkey-sources");

/** Builds the application when no build of exactly these sources is there. Throws an Error where the build fails. */
export async function buildIfStale(signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const digest = digestOf(SOURCES.filter(existsSync));
  if (existsSync(MARKER) && readFileSync(MARKER, "utf8") === digest) return;
  say("• Building the application (after an update only, about half a minute) …");
  const { code, printed } = await build(signal);
  signal?.throwIfAborted();
  if (code !== 0) throw new Error(`The build failed:\n${printed}`);
  writeFileSync(MARKER, digest);
}

/** When the signal aborts, everything that the build has started is killed with it. */
async function build(signal?: AbortSignal): Promise<{ code: number | null; printed: string }> {
  const child = spawn(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    // A group of its own to be killed; where nobody can break it off, a terminal's Ctrl C reaches it.
    detached: signal !== undefined,
  });
  const kill = () => {
    try {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  };
  signal?.addEventListener("abort", kill, { once: true });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  try {
    const [code, printed] = await Promise.all([ended, text(child.stdout)]);
    return { code, printed };
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}

function digestOf(paths: string[]): string {
  const hash = createHash("sha256");
  for (const file of paths.flatMap(filesBelow).sort()) hash.update(file).update("\0").update(readFileSync(file));
  return hash.digest("hex");
}

function filesBelow(file: string): string[] {
  if (path.extname(file) !== "" && !file.endsWith("]")) return [file];
  return readdirSync(file, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => path.join(entry.parentPath, entry.name));
}
