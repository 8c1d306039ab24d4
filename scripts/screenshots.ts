import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { chromium, type Page } from "@playwright/test";
import { getBrowser } from "./get-browser.mjs";

// Makes the pictures of the README from the running demo: `npm run screenshots`.

const FOLDER = path.join("docs", "screenshots");
const SIZE = { width: 1280, height: 860 };

const { demo, url, email, password } = await startDemo();
const browser = await chromium.launch({
  executablePath: getBrowser(),
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  mkdirSync(FOLDER, { recursive: true });
  const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 2, baseURL: url, colorScheme: "light" });
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/repos");
  await shoot(page, "/acme/repos", "repositories");
  await shoot(page, "/acme/repos/payments%2Fapi/settings/credential", "credential");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "/acme/repos/web%2Fdesign-system/settings/credential", "add-credential-dark");
} finally {
  await browser.close();
  demo.kill("SIGTERM");
}

async function shoot(page: Page, address: string, name: string): Promise<void> {
  await page.goto(address, { waitUntil: "networkidle" });
  await page.screenshot({ path: path.join(FOLDER, `${name}.png`) });
}

async function startDemo() {
  const child = spawn(process.execPath, ["scripts/start.mjs", "--demo"], {
    env: { ...process.env, PORT: "3777", LATCHKEY_URL: "http://localhost:3777", LOG_LEVEL: "silent" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes("Ctrl C stops it.")) resolve();
    });
    child.once("exit", () => reject(new Error(`The demo did not start:\n${printed}`)));
  });
  const [, email, password] = /Demo sign-in: (\S+) +password: (\S+)/.exec(printed) ?? [];
  if (!email || !password) throw new Error("The demo printed no sign-in.");
  return { demo: child, url: "http://localhost:3777", email, password };
}
