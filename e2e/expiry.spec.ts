import { randomBytes } from "node:crypto";
import { makeRepository } from "@/prisma/factories";
import { expect, test } from "./support/fixtures";

const dayIn = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

test.afterEach(({ gitHost }) => {
  gitHost.tokenDescription = {};
});

test("an end that the host does not tell is typed or suggested, listed, and asks for somebody", async ({
  ownerPage: page,
  latchkey,
  organization,
  gitHost,
}) => {
  for (const name of ["sooner", "later"]) {
    const upstream = { provider: "bitbucket", host: gitHost.host, owner: "acme", name: "app" } as const;
    await makeRepository(latchkey.db, organization, name, upstream);
  }
  gitHost.tokenDescription = { expires_at: null };
  const inFiveDays = dayIn(5);
  const add = async (repository: string, end: (suggested: string) => string) => {
    await page.goto(`/${organization.slug}/repos/${repository}/settings/credential`);
    const before = dayIn(365);
    const suggested = await page.locator("datalist option").getAttribute("value");
    // At midnight it is one of two days.
    expect([before, dayIn(365)]).toContain(suggested);
    const token = `ATCT${randomBytes(20).toString("hex")}`;
    gitHost.tokens.set(token, "write");
    await page.getByLabel("Token or password").fill(token);
    await page.getByLabel("Ends on").fill(end(suggested!));
    await page.getByRole("button", { name: "Add credential" }).click();
    await expect(page.getByText("Reads and writes. Tested just now.")).toBeVisible();
  };
  await add("later", (suggested) => suggested);
  await add("sooner", () => inFiveDays);
  await expect(page.locator(`time[datetime="${inFiveDays}T00:00:00.000Z"]`)).toBeVisible();

  await page.goto(`/${organization.slug}/repos`);
  await page.getByRole("link", { name: "Expires" }).click();
  const names = page.getByRole("row").getByRole("link", { name: /^(sooner|later)$/ });
  await expect(names).toHaveText(["sooner", "later"]);
  await page.goto(`/${organization.slug}/attention`);
  await page.getByRole("link", { name: "Expiring 1" }).click();
  await expect(page.getByText("These tokens end within 30 days, or have ended. Rotate them.")).toBeVisible();
  await expect(page.getByRole("row", { name: /^sooner/ })).toBeVisible();
});
