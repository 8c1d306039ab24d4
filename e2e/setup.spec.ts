import { randomBytes } from "node:crypto";
import { test as base } from "@playwright/test";
import { expect, PASSWORD } from "./support/fixtures";
import { setupLink, startLatchkey, type Latchkey } from "@/scripts/start-latchkey";

/** A Latchkey that nobody has set up. */
const test = base.extend<{ fresh: Latchkey }>({
  fresh: async ({}, use) => {
    const fresh = await startLatchkey();
    await use(fresh);
    await fresh.stop();
  },
});

test("from the printed link to a stored credential", async ({ page, fresh }) => {
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
  await page.getByLabel("Clone address").fill(`https://oauth2:${token}@gitlab.com/acme/team/app.git`);
  await expect(page.getByText("The address held a secret")).toBeVisible();
  await expect(page.getByLabel("Clone address")).toHaveValue("https://gitlab.com/acme/team/app");
  await expect(page.getByLabel("Owner")).toHaveValue("acme/team");
  await page.getByLabel("Name here").fill("team/app");
  await page.getByRole("button", { name: "Create repository" }).click();
  await expect(page.getByText("The sign-in from the clone address is filled in")).toBeVisible();
  await page.getByRole("button", { name: "Add credential" }).click();
  await expect(page.getByText("Stored, and sealed to this upstream")).toBeVisible();
  await expect(page.getByText("Stored, not tested")).toBeVisible();
  expect(await page.content()).not.toContain(token);
  expect(fresh.output()).not.toContain(token);

  // The link worked once.
  await page.context().clearCookies();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "no longer good" })).toBeVisible();
});
