// Runs before anything is installed, so it leans on Node alone. Every step is run, and the last line counts them.
import { spawnSync } from "node:child_process";
import { getBrowser } from "./get-browser.mjs";
import { install } from "./install.mjs";

const results = [];

function step(name, run) {
  console.log(`\n• ${name}`);
  const started = Date.now();
  const passed = run();
  results.push({ name, passed, seconds: Math.round((Date.now() - started) / 1000) });
  return passed;
}

function npm(script, env = {}) {
  const options = { stdio: "inherit", env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env } };
  return () => spawnSync("npm", ["run", "--silent", ...script.split(" ")], options).status === 0;
}

install();
let chromium;
const hasBrowser = step("Browser", () => {
  try {
    chromium = getBrowser();
    console.log(chromium ?? "Playwright's own Chromium");
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
});
step("Format", npm("format:check"));
step("Lint, with the import rules", npm("lint"));
step("Types", npm("typecheck"));
step("Migrations make the schema", npm("migration -- --check"));
step("Unit and integration tests", npm("test:unit"));
const built = step("Build", npm("build"));
if (built) step("Attacks", npm("attack -- --short"));
else results.push({ name: "Attacks (not run: no build)", passed: false, seconds: 0 });
if (built && hasBrowser) {
  step("End to end", npm("test:e2e", chromium ? { LATCHKEY_CHROMIUM: chromium } : {}));
} else {
  results.push({ name: "End to end (not run: no build or no browser)", passed: false, seconds: 0 });
}

console.log("\nSummary");
for (const { name, passed, seconds } of results) {
  console.log(`${passed ? "✓" : "✗"} ${name} (${seconds} s)`);
}
const failed = results.filter(({ passed }) => !passed).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
