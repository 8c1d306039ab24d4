// Runs before anything is installed, so it leans on Node alone: installs what the lock file names, then hands over.
import { spawn, spawnSync } from "node:child_process";
import { install } from "./install.mjs";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Latchkey needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
if (spawnSync("git", ["--version"]).status !== 0) {
  console.error("Latchkey needs git. Install it and start again.");
  process.exit(1);
}

install();
const launcher = spawn(process.execPath, ["--import", "tsx", "scripts/launch.ts", ...process.argv.slice(2)], {
  stdio: "inherit",
});
// A terminal sends Ctrl C to the whole group; the launcher decides when this process may end.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => launcher.kill("SIGTERM"));
launcher.on("exit", (code) => process.exit(code ?? 1));
