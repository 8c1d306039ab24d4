import { randomBytes } from "node:crypto";
import { test as base } from "@playwright/test";
import { startGitHost, type GitHost } from "@/scripts/git-host/start-git-host";
import { expect, PASSWORD, reaching } from "./support/fixtures";
import { setupLink, startLatchkey, type Latchkey } from "@/scripts/start-latchkey";

/** A Latchkey that nobody has set up. */
const test = base.extend<{ gitHost: GitHost; fresh: Latchkey }>({
  gitHost: async ({}, use) => {
    const gitHost = await startGitHost("GitLab");
    await use(gitHost);
    await gitHost.stop();
  },
  fresh: async ({ gitHost }, use) => {
    const fresh = await startLatchkey({ ...reaching(gitHost), LATCHKEY_EGRESS_ALLOW: "127.0.0.0/8" });
    await use(fresh);
    await fresh.stop();
  },
});

test("from the printed link to a stored credential", async ({ page, fresh, gitHost }) => {
  const link = setupLink(fresh);
  await page.goto(link);
  await page.getByLabel("Organization").fill("api");
  await page.getByLabel("Your e-mail address").fill("Ada@Example.com");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page.locator("form").getByRole("alert")).toContainText("taken by a page of Latchkey");
  await expect(page.getByLabel("Your e-mail address")).toHaveValue("Ada@Example.com");
  await page.getByLabel("Organization").fill("acme");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page.getByText("No repositories yet")).toBeVisible();

  await page.getByRole("main").getByRole("link", { name: "New repository" }).first().click();
  const token = `glpat-${randomBytes(10).toString("hex")}`;
  const host = gitHost.host.replace("localhost", "127.0.0.1");
  gitHost.addRepository("acme/app");
  gitHost.tokens.set(token, "read");
  await page.getByLabel("Clone address").fill(`https://oauth2:${token}@${host}/acme/app.git`);
  await expect(page.getByText("The address held a secret")).toBeVisible();
  await expect(page.getByLabel("Clone address")).toHaveValue(`https://${host}/acme/app`);
  await expect(page.getByLabel("Owner")).toHaveValue("acme");
  await page.getByLabel("Name here").fill("team/app");
  await page.getByRole("button", { name: "Create repository" }).click();
  await expect(page.getByText("The sign-in from the clone address is filled in")).toBeVisible();
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByText("Stored, and sealed to this upstream")).toBeVisible();
  await expect(page.getByText("Reads only")).toBeVisible();
  expect(await page.content()).not.toContain(token);
  expect(fresh.output()).not.toContain(token);

  // The link worked once.
  await page.context().clearCookies();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "no longer good" })).toBeVisible();
});
