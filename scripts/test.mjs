// Runs before anything is installed, so it leans on Node alone. Every step is run, and the last line counts them.
import { spawn } from "node:child_process";
import { getBrowser } from "./get-browser.mjs";
import { install } from "./install.mjs";

const results = [];

/** Runs a step; what two print that run side by side is printed by itself, as each of them ends. */
async function step(name, run, aside = false) {
  if (!aside) console.log(`\n• ${name}`);
  const started = Date.now();
  const { passed, printed = "" } = await run();
  if (aside) console.log(`\n• ${name}\n${printed}`);
  results.push({ name, passed, printed, seconds: Math.round((Date.now() - started) / 1000) });
  return passed;
}

function npm(script, { env = {}, aside = false } = {}) {
  return () =>
    new Promise((resolve) => {
      const child = spawn("npm", ["run", "--silent", ...script.split(" ")], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env },
      });
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (chunk) => {
          printed += chunk;
          if (!aside) process.stdout.write(chunk);
        });
      }
      child.once("close", (code) => resolve({ passed: code === 0, printed }));
    });
}

let chromium;
async function findBrowser() {
  try {
    chromium = getBrowser();
    console.log(chromium ?? "Playwright's own Chromium");
    return { passed: true };
  } catch (error) {
    console.error(error.message);
    return { passed: false, printed: error.message };
  }
}

/** They take one processor, and what is beside them waits for the network and for processes more than it computes. */
async function checks() {
  const aside = true;
  await step("Format", npm("format:check", { aside }), aside);
  await step("Lint, with the import rules", npm("lint", { aside }), aside);
  await step("Types", npm("typecheck", { aside }), aside);
  await step("Migrations make the schema", npm("migration -- --check", { aside }), aside);
}

install();
const hasBrowser = await step("Browser", findBrowser);
const built = await step("Build", npm("build"));
const attacks = () => step("Attacks", npm("attack -- --short"));
await Promise.all([checks(), ...(built ? [attacks()] : [])]);
await step("Unit and integration tests", npm("test:unit"));
if (built && hasBrowser) {
  await step("End to end", npm("test:e2e", { env: chromium ? { LATCHKEY_CHROMIUM: chromium } : {} }));
}

// Much output may have gone by since, and who keeps only its end should still find what failed.
for (const { name, printed } of results.filter(({ passed }) => !passed)) {
  console.log(
    `\n• ${name} failed. The end of what it printed:\n${printed.trimEnd().split("\n").slice(-60).join("\n")}`,
  );
}
console.log("\nSummary");
for (const { name, passed, seconds } of results) {
  console.log(`${passed ? "✓" : "✗"} ${name} (${seconds} s)`);
}
const notRun = [...(built ? [] : ["Attacks"]), ...(built && hasBrowser ? [] : ["End to end"])];
for (const name of notRun) console.log(`✗ ${name}: not run, since there is no build or no browser`);
const failed = results.filter(({ passed }) => !passed).length + notRun.length;
console.log(`${results.length + notRun.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
