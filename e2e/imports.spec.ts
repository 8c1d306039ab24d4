import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { makeOrganization } from "@/prisma/factories";
import { startLatchkey } from "@/scripts/start-latchkey";
import { anotherPage, expect, reaching, test } from "./support/fixtures";

const row = (page: Page, name: string | RegExp) =>
  page.getByRole("table", { name: "Lines" }).getByRole("row", { name });

async function begin(page: Page, button: string): Promise<void> {
  await page.getByRole("button", { name: button }).click();
  await expect(page.getByRole("heading", { name: "Finished" })).toBeVisible({ timeout: 30_000 });
}

test("pasted lines become repositories with tested credentials, and the same lines again change nothing", async ({
  ownerPage: page,
  latchkey,
  organization,
  gitHost,
  hostToken,
  mirrored,
}) => {
  const good = hostToken("write");
  await mirrored("app");
  const lines = (second: string) => [
    "clone URL, username, secret, name",
    `https://${gitHost.host}/acme/app.git, bot, ${good}`,
    `https://${gitHost.host}/acme/app.git, bot, ${second}, web/second`,
    `https://${gitHost.host}/acme/app.git, bot, ${good}, web/third`,
  ];
  await page.goto(`/${organization.slug}/repos`);
  await page.getByRole("link", { name: "Import", exact: true }).click();
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Paste at least one line" })).toBeFocused();
  const pasted = [...lines("glpat-of-nobody"), `${good}, bot, shifted`].join("\n");
  await page.getByRole("textbox", { name: "Lines" }).fill(pasted);
  await page.getByLabel("Other hosts run").selectOption("gitlab");
  await page.getByRole("button", { name: "Preview" }).click();

  await expect(page.getByText("4 lines: 3 to import, 0 already there, 1 that cannot be imported.")).toBeVisible();
  await expect(row(page, /^2 app/)).toContainText(
    "The repository is there. Its credential is to be tested and stored.",
  );
  await expect(row(page, /^3 web\/second/)).toContainText("is to be created");
  await expect(row(page, /^5 – –/)).toContainText("The first value is no clone address");
  expect(await page.content()).not.toContain(good);
  await begin(page, "Import 3 lines");
  await expect(
    page.getByText("4 of 4 done: 2 imported, 0 already there, 1 without a credential, 1 failed."),
  ).toBeVisible();
  await expect(row(page, /web\/third/)).toContainText("Created. The credential is stored. Reads and writes.");
  await expect(row(page, /web\/second/)).toContainText("refused this secret (401)");
  await expect(row(page, /web\/second/)).toContainText("kept without a credential");

  await page.getByRole("link", { name: "Import more" }).click();
  await expect(page.getByRole("textbox", { name: "Lines" })).toHaveValue("");
  await expect(page.getByRole("table", { name: "Earlier imports" }).getByRole("row")).toHaveCount(2);
  const file = { name: "again.csv", mimeType: "text/csv", buffer: Buffer.from(lines(good).join("\r\n")) };
  await page.getByLabel("Or a CSV file").setInputFiles(file);
  await page.getByLabel("Other hosts run").selectOption("gitlab");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("3 lines: 1 to import, 2 already there, 0 that cannot be imported.")).toBeVisible();
  await begin(page, "Import one line");
  await expect(row(page, /web\/second/)).toContainText("The repository was there. The credential is stored.");
  expect(await page.content()).not.toContain(good);
  expect(latchkey.output()).not.toContain(good);
  const stored = await latchkey.db.gitCredential.findMany({
    where: { repository: { organizationId: organization.id } },
    select: { testOutcome: true, currentVersion: true },
  });
  expect(stored).toEqual(Array.from({ length: 3 }, () => ({ testOutcome: "reads_and_writes", currentVersion: 1 })));

  await page.getByRole("link", { name: "web/second" }).click();
  await expect(page.getByText("Reads and writes.").first()).toBeVisible();
  await page.goto(`/${organization.slug}/repos`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export CSV" }).click(),
  ]);
  const exported = await readFile(await download.path(), "utf8");
  expect(exported.trimEnd().split("\n")).toHaveLength(4);
  expect(exported).toContain(`https://${gitHost.host}/acme/app.git,gitlab,main,true`);
  expect(exported).not.toContain(good);
  await page.goto(`/${organization.slug}/settings/audit`);
  for (const words of ["Import begun", "Import finished", "List of repositories exported"]) {
    await expect(page.getByRole("cell", { name: words }).first()).toBeVisible();
  }
});

test("what is not begun is discarded, and viewers neither import nor see imports", async ({
  ownerPage: page,
  context,
  baseURL,
  organization,
  latchkey,
  member,
  signIn,
}) => {
  await page.goto(`/${organization.slug}/repos`);
  await page.getByRole("link", { name: "Import many" }).click();
  await page.getByRole("textbox", { name: "Lines" }).fill("https://gitlab.com/acme/app.git, bot, not-begun");
  await page.getByLabel("Or a CSV file").setInputFiles({
    name: "both.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("https://gitlab.com/acme/app.git, bot, not-begun"),
  });
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("Paste lines or choose a file, not both.").first()).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Lines" })).toHaveValue("");
  const utf16 = Buffer.from("\ufeffhttps://gitlab.com/acme/app.git,bot,x", "utf16le");
  await page.getByLabel("Or a CSV file").setInputFiles({ name: "utf16.csv", mimeType: "text/csv", buffer: utf16 });
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("This file is not text in UTF-8").first()).toBeVisible();
  const large = { name: "large.csv", mimeType: "text/csv", buffer: Buffer.alloc(600 * 1024, "x") };
  await page.getByLabel("Or a CSV file").setInputFiles(large);
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("This file is larger than one import takes").first()).toBeVisible();
  // Far above what other forms may hold.
  const line = `https://gitlab.com/acme/app.git, bot, ${"x".repeat(400)}\n`;
  const many = { name: "many.csv", mimeType: "text/csv", buffer: Buffer.from(line.repeat(1_001)) };
  await page.getByLabel("Or a CSV file").setInputFiles(many);
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("These are 1001 lines, and one import takes 1000.").first()).toBeVisible();
  await page.getByLabel("Or a CSV file").setInputFiles([]);
  await page.getByRole("textbox", { name: "Lines" }).fill("https://gitlab.com/acme/app.git, bot, not-begun");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page.getByRole("heading", { name: "Cancelled" })).toBeVisible();
  await expect(row(page, /^1 app/)).toContainText("Cancelled before its turn.");
  expect(
    await latchkey.db.importItem.count({
      where: { sealed: { not: null }, import: { organizationId: organization.id } },
    }),
  ).toBe(0);

  const viewer = await anotherPage(context, baseURL);
  await signIn(viewer, await member("viewer"));
  for (const address of [`/${organization.slug}/import`, page.url()]) {
    await viewer.goto(address);
    await expect(viewer.getByRole("heading", { name: "Your role does not allow this" })).toBeVisible();
  }
  await viewer.context().close();
});

test.describe("before JavaScript arrives", () => {
  test.use({ javaScriptEnabled: false });

  test("a file is sent, looked at and imported", async ({ ownerPage: page, organization, gitHost, hostToken }) => {
    const token = hostToken("read");
    await page.goto(`/${organization.slug}/import`);
    const buffer = Buffer.from(`https://${gitHost.host}/acme/app.git;bot;${token}`);
    await page.getByLabel("Or a CSV file").setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer });
    await page.getByLabel("Other hosts run").selectOption("gitlab");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByRole("button", { name: "Import one line" }).click();
    await expect
      .poll(async () => {
        await page.reload();
        return page.getByRole("heading", { name: "Finished" }).count();
      })
      .toBe(1);
    await expect(row(page, /^1 app/)).toContainText("Reads, but may not write. That is enough for pulling.");
  });
});

test("an operator's command does the same, while Latchkey runs and while it is stopped", async ({
  gitHost,
  hostToken,
}) => {
  test.slow();
  const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-import-"));
  const variables = { LATCHKEY_DATA_DIR: path.join(folder, "data"), ...reaching(gitHost) };
  const command = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const env = { PATH: process.env.PATH, NODE_ENV: "production" as const, ...variables };
      execFile(process.execPath, ["--import", "tsx", "scripts/import.ts", ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  const latchkey = await startLatchkey(variables);
  await makeOrganization(latchkey.db, "acme");
  const token = hostToken("write");
  const file = path.join(folder, "lines.csv");
  const first = `https://${gitHost.host}/acme/app.git,bot,${token}`;
  writeFileSync(file, `${first}\nhttps://${gitHost.host}/acme/app.git,bot,glpat-of-nobody,refused\n`);
  const asked = ["--org", "acme", "--provider", "gitlab", file];
  const running = await command(...asked);
  expect(running).toMatchObject({ code: 1, stderr: "" });
  expect(running.stdout).toContain("✓ 1 app: Created. The credential is stored. Reads and writes.");
  expect(running.stdout).toContain("✗ 2 refused: ");
  expect(running.stdout).toContain("Done: 1 without credential, 1 imported.");
  await latchkey.stop();
  writeFileSync(file, `${first}\n`);
  const stopped = await command(...asked);
  expect(stopped).toMatchObject({ code: 0, stderr: "" });
  expect(stopped.stdout).toContain("✓ 1 app: Already there, with a credential. Nothing was changed.");
  for (const { stdout } of [running, stopped]) expect(stdout).not.toContain(token);

  expect(await command("--org", "acme")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("npm run import --"),
  });
  const missing = await command("--org", "acme", path.join(folder, "none.csv"));
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be read. Is it there?") });
  writeFileSync(file, "x".repeat(513 * 1024));
  const large = await command(...asked);
  expect(large).toMatchObject({ code: 1, stderr: expect.stringContaining("is larger than one import takes") });
  writeFileSync(file, `${first},"\n`);
  const broken = await command(...asked);
  expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining("Line 1 has a quotation mark") });
  const nobody = await command("--org", "nobody", file);
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('no organization called "nobody"') });
  rmSync(folder, { recursive: true, force: true });
});
